import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDisk } from '../../src/catalog/disk.ts';
import { createWriterLock, type WriterLock } from '../../src/catalog/writer-lock.ts';
import { createMemoryDisk, type MemoryDisk } from '../support/memory-disk.ts';
import { createSteppedClock, type SteppedClock } from '../support/stepped-clock.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
let disk: MemoryDisk;
let clock: SteppedClock;
const locks: WriterLock[] = [];
const create = (pid: number): WriterLock => {
  const lock = createWriterLock({ disk, clock, pid, serves: true });
  locks.push(lock);
  return lock;
};
beforeEach(() => {
  disk = createMemoryDisk();
  clock = createSteppedClock(START, async () => setImmediate());
});
afterEach(async () => {
  for (const lock of locks.splice(0)) await lock.release();
});

test('one has it, the other does not, and learns who does', async () => {
  const [one, other] = [create(1), create(2)];
  expect([await one.acquire(), await one.acquire(), await other.acquire()]).toEqual([true, true, false]);
  expect([await one.findOwner(), await other.findOwner()]).toEqual([null, { pid: 1, serves: true }]);
  await one.release();
  expect([await other.acquire(), await one.acquire()]).toEqual([true, false]);
});

test('it is renewed as long as its owner lives', async () => {
  const [one, other] = [create(1), create(2)];
  await one.acquire();
  await clock.advance(3_600_000);
  expect([await other.acquire(), await one.acquire()]).toEqual([false, true]);
});

test('of a process that was killed it is free after a quarter of a minute, also for one with the same number', async () => {
  disk.put(
    'writer.lock',
    Buffer.from(JSON.stringify({ id: 'dead', pid: 1, serves: true, at: new Date(START).toISOString() })),
  );
  const next = create(1);
  expect(await next.acquire()).toBe(false);
  await clock.advance(16_000);
  expect(await next.acquire()).toBe(true);
});

test('its owner, stuck for long, finds that it has lost it', async () => {
  const [stuck, other] = [create(1), create(2)];
  await stuck.acquire();
  disk.put(
    'writer.lock',
    Buffer.from((disk.files.get('writer.lock') ?? '').toString().replace('2026', '2025')),
  );
  expect(await other.acquire()).toBe(true);
  expect(await stuck.acquire()).toBe(false);
  await clock.advance(60_000);
  expect(await stuck.acquire()).toBe(false);
});

test('a renewal that the disk refuses once loses nothing', async () => {
  const [one, other] = [create(1), create(2)];
  await one.acquire();
  disk.fail = (step) => {
    if (step.startsWith('write')) throw new Error('ENOSPC');
  };
  await clock.advance(11_000);
  disk.fail = null;
  await clock.advance(60_000);
  expect([await other.findOwner(), await other.acquire()]).toEqual([{ pid: 1, serves: true }, false]);
});

test('one that found it abandoned puts back what another has taken meanwhile', async () => {
  const abandoned = JSON.stringify({ id: 'dead', pid: 9, serves: true, at: '2025-01-01T00:00:00.000Z' });
  disk.put('writer.lock', Buffer.from(abandoned));
  const [slow, quick] = [create(1), create(2)];
  const rename = disk.rename.bind(disk);
  disk.rename = async (from, to) => {
    // The other is through in the moment between reading the lock and moving it away.
    disk.rename = rename;
    expect(await quick.acquire()).toBe(true);
    return rename(from, to);
  };
  expect(await slow.acquire()).toBe(false);
  expect([await quick.acquire(), await slow.acquire()]).toEqual([true, false]);
});

test.each(['', 'garbage', '{}'])('a lock that says "%s" is nobody’s', async (text) => {
  disk.put('writer.lock', Buffer.from(text));
  expect(await create(1).acquire()).toBe(true);
});

test('a disk that fails is told as what it is', async () => {
  disk.fail = () => {
    throw new Error('EROFS');
  };
  await expect(create(1).acquire()).rejects.toThrow('EROFS');
});

test('of twenty who find it abandoned on a real disk, one gets it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
  await writeFile(join(folder, 'writer.lock'), 'abandoned');
  const rivals = Array.from({ length: 20 }, (_, pid) =>
    createWriterLock({ disk: createDisk(folder), clock, pid, serves: true }),
  );
  locks.push(...rivals);
  await Promise.all(rivals.map(async (lock) => lock.acquire()));
  const owners = await Promise.all(rivals.map(async (lock) => lock.acquire()));
  expect(owners.filter(Boolean)).toHaveLength(1);
  for (const lock of locks.splice(0)) await lock.release();
  await rm(folder, { recursive: true });
});
