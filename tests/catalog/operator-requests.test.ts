import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { askService, createOperatorRequests } from '../../src/catalog/operator-requests.ts';
import type { WriterLock } from '../../src/catalog/writer-lock.ts';
import { createMemoryDisk } from '../support/memory-disk.ts';
import { createSteppedClock } from '../support/stepped-clock.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
const MINUTE = 60_000;

/** A service and a command in one folder. */
const create = ({ isWriter = true } = {}) => {
  const disk = createMemoryDisk();
  const clock = createSteppedClock(START, async () => setImmediate());
  const owner = { current: { pid: 1, serves: true } as { pid: number; serves: boolean } | null };
  const lock: WriterLock = {
    acquire: async () => isWriter,
    findOwner: async () => owner.current,
    release: async () => undefined,
  };
  const progress: string[] = [];
  const ask = async (action: 'sync' | 'accept') =>
    askService({ disk, lock }, { clock, action, onProgress: (text) => progress.push(text) });
  return { disk, clock, owner, progress, ask, service: createOperatorRequests({ disk, clock, lock }) };
};

test('what a command asks is done once; how far it is and its answer reach it', async () => {
  const { disk, clock, service, progress, ask } = create();
  const asked = ask('accept');
  await clock.advance(1_000);
  const request = await service.take();
  expect(request?.action).toBe('accept');
  expect(await service.take()).toBeNull();
  for (const text of ['page 1', 'page 1', 'page 2']) {
    if (request) await service.report(request, text);
    await clock.advance(1_000);
  }
  if (request) await service.answer(request, { result: 'nothing_held' });
  await clock.advance(1_000);
  expect(await asked).toEqual({ result: 'nothing_held', lines: ['No list is held back.'] });
  expect(progress).toEqual(['page 1', 'page 2']);
  expect([...disk.files.keys()]).toEqual([]);
});

test('a process that does not write in the folder leaves a request to the one that does', async () => {
  const { disk, clock, service, ask } = create({ isWriter: false });
  void ask('accept');
  await clock.advance(1_000);
  expect(await service.take()).toBeNull();
  expect([...disk.files.keys()]).toEqual(['operator-request.json']);
});

test.each([
  ['does not answer', 6 * MINUTE, false],
  ['has gone', MINUTE, true],
])(
  'a service that %s is not waited for, and does not find the request later',
  async (_name, waitMs, leaves) => {
    const { disk, clock, owner, ask } = create();
    const asked = ask('sync');
    await clock.advance(1_000);
    if (leaves) owner.current = null;
    await clock.advance(waitMs);
    expect(await asked).toEqual({ result: 'failed', lines: ['The service did not answer. See its log.'] });
    expect([...disk.files.keys()]).toEqual([]);
  },
);

test('a request of long ago is dropped', async () => {
  const { disk, clock, service, ask } = create();
  void ask('sync');
  await clock.advance(1_000);
  const [name = '', bytes = Buffer.from('')] = [...disk.files][0] ?? [];
  await clock.advance(6 * MINUTE);
  disk.put(name, bytes);
  expect(await service.take()).toBeNull();
});

test.each(['', '{}', '{"id":"1","action":"drop tables","at":"x"}', '[1'])(
  'a request file that holds %j is dropped',
  async (text) => {
    const { disk, service } = create();
    disk.put('operator-request.json', Buffer.from(text));
    expect(await service.take()).toBeNull();
    expect([...disk.files.keys()]).toEqual([]);
  },
);
