import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLogStream } from '../src/log-stream.ts';

/** What becomes of the log must not become of the service. */

const PROGRAM = `
  import { createLogStream } from './src/log-stream.ts';
  const stream = createLogStream({ fd: process.stdout.fd, chunkBytes: 1_000, maxBytes: 400_000 });
  process.once('exit', () => stream.end());
  process.stderr.write('begun');
  process.stdin.once('data', () => {
    for (let line = 0; line < 2_000; line++) stream.write('x'.repeat(99) + String.fromCharCode(10));
    setTimeout(() => process.exit(3), 200);
  });
`;

function startWriter() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: 'pipe' });
  const ended = once(child, 'exit') as Promise<[number]>;
  return { child, ended, begun: once(child.stderr, 'data') };
}

test('all lines come, the last ones too', async () => {
  const { child, ended, begun } = startWriter();
  const chunks: string[] = [];
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => void chunks.push(chunk));
  await begun;
  child.stdin.write('go');
  await Promise.all([ended, once(child.stdout, 'close')]);
  expect(chunks.join('')).toBe(`${'x'.repeat(99)}\n`.repeat(2_000));
});

test('a reader who sleeps does not put off the end', async () => {
  const { child, ended, begun } = startWriter();
  await begun;
  child.stdin.write('go');
  expect((await ended)[0]).toBe(3);
});

test('a reader who has gone neither ends the process nor puts off its end', async () => {
  const { child, ended, begun } = startWriter();
  await begun;
  child.stdout.destroy();
  child.stdin.write('go');
  expect((await ended)[0]).toBe(3);
});

async function openFile() {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  onTestFinished(async () => {
    closeSync(fd);
    await rm(folder, { recursive: true });
  });
  return { fd, read: () => readFileSync(path, 'utf8') };
}

test('lines of any length and script come whole and in order', async () => {
  const { fd, read } = await openFile();
  const stream = createLogStream({ fd, chunkBytes: 100, maxBytes: 100_000 });
  const lines = Array.from({ length: 60 }, (_, number) => `${number} ${'añ🩺'.repeat(number)}\n`);
  for (const line of lines) stream.write(line);
  stream.flush();
  await vi.waitFor(() => expect(read()).toBe(lines.join('')));
  stream.end();
  expect(read()).toBe(lines.join(''));
});

test('what finds no room is lost by whole lines', async () => {
  const { fd, read } = await openFile();
  const stream = createLogStream({ fd, chunkBytes: 500, maxBytes: 1_000 });
  const line = `${'x'.repeat(99)}\n`;
  // Nothing is written before this turn is over.
  for (let written = 0; written < 100; written++) stream.write(line);
  stream.flush();
  await vi.waitFor(() => expect(read().length).toBeGreaterThanOrEqual(900));
  stream.end();
  expect(read()).toBe(line.repeat(read().length / line.length));
  expect(read().length).toBeLessThan(2_000);
});
