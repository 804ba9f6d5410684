import { z } from 'zod';
import type { SnapshotContent } from './snapshot.ts';

/**
 * What was made of a harvest. The content is not looked at again: its seal says that it is what we wrote, and its
 * marks, which cover the rules, that it is what we would write.
 */
export const JudgedForm = z.object({
  /** Of the rules and the pack, which was found sound before anything was judged by it. */
  ruling: z.string(),
  /** Of the harvest. */
  harvest: z.string(),
  id: z.string(),
  content: z.custom<SnapshotContent>((value) => typeof value === 'object' && value !== null),
});

export type Judged = z.infer<typeof JudgedForm>;

/** Keeps what was judged last. Reading never throws. */
export interface JudgedFile {
  readJudged(): Promise<Judged | null>;
  /** @throws Error when it could not be saved whole */
  saveJudged(body: readonly Buffer[]): Promise<void>;
  dropJudged(): Promise<void>;
}

/** Keeps nothing (`DATA_DIR` empty). */
export const NO_JUDGED_FILE: JudgedFile = {
  readJudged: async () => null,
  saveJudged: async () => undefined,
  dropJudged: async () => undefined,
};
