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

/**
 * Pino's own destination tries for ever: at the end of the process with a full disk or a reader who has gone or
 * sleeps, it would keep the process from ending; and what it cannot write ends the process in the first place.
 */
export function createLogStream({
  fd,
  minLength,
  maxLength,
}: {
  fd: number;
  /** From so much on lines are written. */
  minLength: number;
  /** So much waits at most; what comes then is lost. */
  maxLength: number;
}): LogStream {
  let waiting = '';
  let leaving: Buffer | null = null;
  let isUnderWay = false;
  const writeOn = (): void => {
    if (leaving === null) return;
    isUnderWay = true;
    write(fd, leaving, (error, count) => {
      isUnderWay = false;
      if (error !== null && isBusy(error)) setTimeout(writeOn, RETRY_MS).unref();
      else if (error !== null || leaving === null || count === leaving.length) {
        leaving = null;
        if (error === null && waiting.length >= minLength) flush();
      } else {
        leaving = leaving.subarray(count);
        writeOn();
      }
    });
  };
  const flush = (): void => {
    if (leaving !== null || waiting === '') return;
    leaving = Buffer.from(waiting);
    waiting = '';
    writeOn();
  };
  return {
    flush,
    write(lines) {
      if (waiting.length + lines.length > maxLength) return;
      waiting += lines;
      if (waiting.length >= minLength) flush();
    },
    end() {
      // What is under way is with the system already.
      const begun = leaving === null || isUnderWay ? [] : [leaving];
      writeAtOnce(fd, Buffer.concat([...begun, Buffer.from(waiting)]));
      waiting = '';
      leaving = null;
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
