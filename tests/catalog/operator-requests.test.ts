import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { askService, createOperatorRequests } from '../../src/catalog/operator-requests.ts';
import { createMemoryDisk } from '../support/memory-disk.ts';
import { createSteppedClock } from '../support/stepped-clock.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
const create = ({ isWriter = true } = {}) => {
  const disk = createMemoryDisk();
  const lock = {
    acquire: async () => isWriter,
    findOwner: async () => null,
    release: async () => undefined,
  };
  const clock = createSteppedClock(START, async () => setImmediate());
  return { disk, clock, service: createOperatorRequests({ disk, clock, lock }) };
};

test('what a command asks is done once, and its answer reaches it', async () => {
  const { disk, clock, service } = create();
  const asked = askService(disk, clock, 'accept');
  await clock.advance(1_000);
  const request = await service.take();
  expect(request?.action).toBe('accept');
  expect(await service.take()).toBeNull();
  if (request) await service.answer(request, { result: 'nothing_held' });
  await clock.advance(1_000);
  expect(await asked).toEqual({ result: 'nothing_held', lines: ['No list is held back.'] });
  expect([...disk.files.keys()]).toEqual([]);
});

test('a process that does not write in the folder leaves a request to the one that does', async () => {
  const { disk, clock, service } = create({ isWriter: false });
  void askService(disk, clock, 'accept');
  await clock.advance(1_000);
  expect(await service.take()).toBeNull();
  expect([...disk.files.keys()]).toEqual(['operator-request.json']);
});

test('a service that does not answer is not waited for for ever', async () => {
  const { disk, clock } = create();
  const asked = askService(disk, clock, 'sync');
  await clock.advance(6 * 60_000);
  expect(await asked).toBeNull();
});

test('a request that nobody waits for any more is dropped', async () => {
  const { disk, clock, service } = create();
  void askService(disk, clock, 'sync');
  await clock.advance(6 * 60_000);
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
