import { z } from 'zod';
import type { SnapshotContent } from './snapshot.ts';

/**
 * What was made of a harvest. The content is not looked at again: its seal says that it is what we wrote, and its
 * key, which covers the rules, that it is what we would write.
 */
export const JudgedForm = z.object({
  key: z.string(),
  id: z.string(),
  content: z.custom<SnapshotContent>((value) => typeof value === 'object' && value !== null),
});

/** Keeps what was judged last. Reading never throws. */
export interface JudgedFile {
  readJudged(): Promise<z.infer<typeof JudgedForm> | null>;
  /** @throws Error when it could not be saved whole */
  saveJudged(body: readonly Buffer[]): Promise<void>;
}

/** Keeps nothing (`DATA_DIR` empty). */
export const NO_JUDGED_FILE: JudgedFile = {
  readJudged: async () => null,
  saveJudged: async () => undefined,
};
