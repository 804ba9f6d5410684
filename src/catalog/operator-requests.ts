import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../registry/clock.ts';
import { describeOutcome } from './describe-outcome.ts';
import { replaceFile, type Disk } from './disk.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import type { WriterLock } from './writer-lock.ts';

/**
 * How `npm run sync` asks a running service: by a file in `DATA_DIR`, which only its owner can write. There is no
 * route that changes anything, so that nobody on the network can.
 */
export const OperatorRequest = z.object({
  id: z.uuid(),
  action: z.enum(['sync', 'accept']),
  at: z.iso.datetime(),
});
export type OperatorRequest = z.infer<typeof OperatorRequest>;

/** The service's answer, in lines for a terminal. */
export const OperatorAnswer = z.object({ result: z.string(), lines: z.array(z.string()) });
export type OperatorAnswer = z.infer<typeof OperatorAnswer>;

/** The side of the service. */
export interface OperatorRequests {
  /** Takes the request that waits, if any; one that is unreadable or old is dropped. Never throws. */
  take(): Promise<OperatorRequest | null>;
  answer(request: OperatorRequest, outcome: SyncOutcome): Promise<void>;
}

const REQUEST_FILE = 'operator-request.json';
const answerFile = (id: string): string => `operator-answer-${id}.json`;
const LARGEST_BYTES = 16 * 1024 * 1024;
/** A command waits no longer than this for its answer, and a service does nothing that nobody waits for. */
export const REQUEST_LASTS_MS = 5 * 60_000;
export const ASKED_EVERY_MS = 250;

/** Of two processes in one folder only the one that writes there takes requests. */
export function createOperatorRequests(options: {
  disk: Disk;
  clock: Clock;
  lock: WriterLock;
}): OperatorRequests {
  const { disk, clock, lock } = options;
  return {
    async take() {
      try {
        const bytes = await disk.read(REQUEST_FILE, LARGEST_BYTES);
        if (bytes === null || !(await lock.acquire())) return null;
        await disk.remove(REQUEST_FILE);
        const request = OperatorRequest.parse(JSON.parse(bytes.toString('utf8')));
        return Math.abs(clock.nowMs() - Date.parse(request.at)) < REQUEST_LASTS_MS ? request : null;
      } catch {
        return null;
      }
    },
    async answer({ id }, outcome) {
      const answer: OperatorAnswer = { result: outcome.result, lines: describeOutcome(outcome) };
      await replaceFile(disk, answerFile(id), Buffer.from(JSON.stringify(answer))).catch(() => undefined);
    },
  };
}

/**
 * The side of the command: asks the service that has the folder and waits for what it says.
 * @returns `null` when it did not answer in time
 */
export async function askService(
  disk: Disk,
  clock: Clock,
  action: OperatorRequest['action'],
): Promise<OperatorAnswer | null> {
  const request: OperatorRequest = { id: randomUUID(), action, at: new Date(clock.nowMs()).toISOString() };
  await replaceFile(disk, REQUEST_FILE, Buffer.from(JSON.stringify(request)));
  const untilMs = clock.monotonicMs() + REQUEST_LASTS_MS;
  while (clock.monotonicMs() < untilMs) {
    await clock.sleep(ASKED_EVERY_MS);
    const bytes = await disk.read(answerFile(request.id), LARGEST_BYTES);
    if (bytes === null) continue;
    await disk.remove(answerFile(request.id));
    return OperatorAnswer.parse(JSON.parse(bytes.toString('utf8')));
  }
  return null;
}

/** Requests that come by several ways; each is answered the way it came. */
export function joinRequests(ways: readonly OperatorRequests[]): OperatorRequests {
  const cameBy = new Map<string, OperatorRequests>();
  return {
    async take() {
      for (const way of ways) {
        const request = await way.take();
        if (request === null) continue;
        cameBy.set(request.id, way);
        return request;
      }
      return null;
    },
    async answer(request, outcome) {
      await cameBy.get(request.id)?.answer(request, outcome);
      cameBy.delete(request.id);
    },
  };
}
