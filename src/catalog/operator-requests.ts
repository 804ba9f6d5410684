import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../registry/clock.ts';
import { describeOutcome } from './describe-outcome.ts';
import { replaceFile, type Disk } from './disk.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import type { WriterLock } from './writer-lock.ts';

/**
 * How `npm run sync` asks a running service: by a file in `DATA_DIR`, which only its owner can write, or by the
 * store that replicas share. There is no route that changes anything, so that nobody on the network can.
 */
export const OperatorRequest = z.object({
  id: z.uuid(),
  action: z.enum(['sync', 'accept']),
  at: z.iso.datetime(),
});
export type OperatorRequest = z.infer<typeof OperatorRequest>;

/** The service's answer, in lines for a terminal; while it is at work, `working` and a line of progress. */
export const OperatorAnswer = z.object({ result: z.string(), lines: z.array(z.string()) });
export type OperatorAnswer = z.infer<typeof OperatorAnswer>;
const WORKING = 'working';

/** The side of the service. Never throws. */
export interface OperatorRequests {
  /** Takes the request that waits, if any; one that is unreadable or old is dropped. */
  take(): Promise<OperatorRequest | null>;
  /** How far it is. */
  report(request: OperatorRequest, text: string): Promise<void>;
  answer(request: OperatorRequest, outcome: SyncOutcome): Promise<void>;
}

/** A command waits no longer than this for its answer, and a service does nothing that nobody waits for. */
export const REQUEST_LASTS_MS = 5 * 60_000;
const ASKED_EVERY_MS = 250;
const REQUEST_FILE = 'operator-request.json';
const ANSWER_FILE = /^operator-answer-[0-9a-f-]{36}\.json$/;
const answerFile = (id: string): string => `operator-answer-${id}.json`;
const LARGEST_BYTES = 16 * 1024 * 1024;

/** Makes the service's side out of a place where requests are found and answers are put. */
export function createRequests(place: {
  readonly clock: Clock;
  readonly takeText: () => Promise<string | null>;
  readonly putAnswer: (id: string, answer: OperatorAnswer) => Promise<void>;
}): OperatorRequests {
  const { clock, takeText, putAnswer } = place;
  return {
    async take() {
      try {
        const text = await takeText();
        if (text === null) return null;
        const request = OperatorRequest.parse(JSON.parse(text));
        return Math.abs(clock.nowMs() - Date.parse(request.at)) < REQUEST_LASTS_MS ? request : null;
      } catch {
        return null;
      }
    },
    report: async ({ id }, text) => putAnswer(id, { result: WORKING, lines: [text] }).catch(() => undefined),
    answer: async ({ id }, outcome) =>
      putAnswer(id, { result: outcome.result, lines: describeOutcome(outcome) }).catch(() => undefined),
  };
}

/** Of two processes in one folder only the one that writes there takes requests. */
export function createOperatorRequests(options: {
  disk: Disk;
  clock: Clock;
  lock: WriterLock;
}): OperatorRequests {
  const { disk, clock, lock } = options;
  return createRequests({
    clock,
    async takeText() {
      const bytes = await disk.read(REQUEST_FILE, LARGEST_BYTES);
      if (bytes === null || !(await lock.acquire())) return null;
      await disk.remove(REQUEST_FILE);
      await removeOldAnswers(disk);
      return bytes.toString('utf8');
    },
    putAnswer: async (id, answer) => replaceFile(disk, answerFile(id), Buffer.from(JSON.stringify(answer))),
  });
}

/** Answers that nobody has fetched: a command that was ended does not come back. */
async function removeOldAnswers(disk: Disk): Promise<void> {
  for (const name of await disk.list()) if (ANSWER_FILE.test(name)) await disk.remove(name);
}

/** What a command asks for, and how it tells how far that is. */
export interface Asking {
  readonly clock: Clock;
  readonly action: OperatorRequest['action'];
  readonly onProgress?: (text: string) => void;
}

const NO_ANSWER: OperatorAnswer = {
  result: 'failed',
  lines: ['The service did not answer. See its log.'],
};

/** The side of the command, over a place where it puts its request and finds the answer. */
export async function askAndWait(
  { clock, action, onProgress }: Asking,
  place: {
    putRequest(request: OperatorRequest): Promise<void>;
    withdraw(): Promise<void>;
    findAnswer(id: string): Promise<string | null>;
    /** False when nobody is there any more who could answer. */
    isHeard(): Promise<boolean>;
  },
): Promise<OperatorAnswer> {
  const request: OperatorRequest = { id: randomUUID(), action, at: new Date(clock.nowMs()).toISOString() };
  await place.putRequest(request);
  const untilMs = clock.monotonicMs() + REQUEST_LASTS_MS;
  let told = '';
  while (clock.monotonicMs() < untilMs && (await place.isHeard())) {
    await clock.sleep(ASKED_EVERY_MS);
    const text = await place.findAnswer(request.id);
    if (text === null || text === told) continue;
    told = text;
    const answer = OperatorAnswer.parse(JSON.parse(text));
    if (answer.result !== WORKING) return answer;
    onProgress?.(answer.lines.join(' '));
  }
  await place.withdraw();
  return NO_ANSWER;
}

/** Asks the service that has the folder and waits for what it says. */
export async function askService(
  { disk, lock }: { disk: Disk; lock: WriterLock },
  asking: Asking,
): Promise<OperatorAnswer> {
  return askAndWait(asking, {
    putRequest: async (request) => replaceFile(disk, REQUEST_FILE, Buffer.from(JSON.stringify(request))),
    withdraw: async () => disk.remove(REQUEST_FILE),
    isHeard: async () => (await lock.findOwner()) !== null,
    async findAnswer(id) {
      const bytes = await disk.read(answerFile(id), LARGEST_BYTES);
      if (bytes === null) return null;
      const text = bytes.toString('utf8');
      if (!text.includes(`"${WORKING}"`)) await disk.remove(answerFile(id));
      return text;
    },
  });
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
    report: async (request, text) => cameBy.get(request.id)?.report(request, text),
    async answer(request, outcome) {
      await cameBy.get(request.id)?.answer(request, outcome);
      cameBy.delete(request.id);
    },
  };
}
