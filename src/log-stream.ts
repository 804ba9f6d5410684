import { write, writeSync } from 'node:fs';

/** Where log lines go: together, late by a moment, and lost when nobody takes them. */
export interface LogStream {
  write(lines: string): void;
  flush(): void;
  /** For the end of the process, which nobody who does not read may put off: what is taken at once or soon. */
  end(): void;
}

/** So long the last lines may take. */
const END_MS = 500;
const RETRY_MS = 50;

/** Bytes on their way out, of which so many are written. */
interface Load {
  readonly bytes: Buffer;
  readonly length: number;
  written: number;
}

/** A character of a text takes so many bytes at most. */
const MOST_BYTES = 3;

/**
 * Pino's own destination tries for ever: at the end of the process with a full disk or a reader who has gone or
 * sleeps, it would keep the process from ending; and what it cannot write ends the process in the first place.
 *
 * Lines wait as bytes. Texts that are added up stay trees of their parts, and the collector copies all of them again
 * and again while they wait: that cost a sixth of a warm answer.
 */
export function createLogStream({
  fd,
  chunkBytes,
  maxBytes,
}: {
  fd: number;
  /** So many are written together, unless `flush` is called before. */
  chunkBytes: number;
  /** So many wait at most; what comes then is lost. */
  maxBytes: number;
}): LogStream {
  let chunk: Buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let filled = 0;
  /** The one that was written last, to be filled again. */
  let spare: Buffer | null = null;
  const waiting: Load[] = [];
  let leaving: Load | null = null;
  let state: 'idle' | 'writing' | 'pausing' = 'idle';
  const countWaiting = (): number => waiting.reduce((sum, { length }) => sum + length, filled);

  const takeUp = (): void => {
    if (filled === 0) return;
    waiting.push({ bytes: chunk, length: filled, written: 0 });
    chunk = spare ?? Buffer.allocUnsafeSlow(chunkBytes);
    spare = null;
    filled = 0;
  };
  const writeOn = (): void => {
    if (state !== 'idle') return;
    leaving ??= waiting.shift() ?? null;
    if (leaving === null) return;
    const load = leaving;
    state = 'writing';
    write(fd, load.bytes, load.written, load.length - load.written, null, (error, count) => {
      const isRefused = error !== null && isBusy(error);
      state = isRefused ? 'pausing' : 'idle';
      if (isRefused) {
        setTimeout(goOn, RETRY_MS).unref();
        return;
      }
      load.written += count;
      if (error !== null || load.written === load.length) {
        if (load.bytes.length === chunkBytes) spare = load.bytes;
        leaving = null;
      }
      writeOn();
    });
  };
  const goOn = (): void => {
    state = 'idle';
    writeOn();
  };
  const flush = (): void => {
    takeUp();
    writeOn();
  };
  return {
    flush,
    write(lines) {
      const most = lines.length * MOST_BYTES;
      if (most > chunkBytes - filled) flush();
      if (waiting.length > 0 && countWaiting() + most > maxBytes) return;
      if (most <= chunkBytes) filled += chunk.write(lines, filled);
      else {
        const bytes = Buffer.from(lines);
        waiting.push({ bytes, length: bytes.length, written: 0 });
        writeOn();
      }
    },
    end() {
      takeUp();
      // What is being written is with the system already.
      const begun = leaving === null || state === 'writing' ? [] : [leaving];
      const rest = [...begun, ...waiting.splice(0)];
      writeAtOnce(
        fd,
        Buffer.concat(rest.map(({ bytes, length, written }) => bytes.subarray(written, length))),
      );
    },
  };
}

function writeAtOnce(fd: number, lines: Buffer): void {
  const untilMs = performance.now() + END_MS;
  for (let rest = lines; rest.length > 0;)
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isBusy(error) || performance.now() > untilMs) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
}

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}
