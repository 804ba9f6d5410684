import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** What becomes of the log must not become of the service. */

const PROGRAM = `
  import { createLogStream } from './src/log-stream.ts';
  const stream = createLogStream({ fd: process.stdout.fd, minLength: 1_000, maxLength: 400_000 });
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
