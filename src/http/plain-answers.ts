import { STATUS_CODES } from 'node:http';
import { describeProblem, type Problem } from './problem.ts';
import { PROBLEM_HEADERS } from './fixed-headers.ts';

/** A problem answer for where there is no router: below it, or when reaching it would cost too much. */
interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The same shape and headers as every other problem answer. */
export function makePlainAnswer(
  problem: Problem,
  place: { publicUrl: string; requestId: string },
): PlainAnswer {
  const body = JSON.stringify(describeProblem(problem, place));
  const headers = {
    ...PROBLEM_HEADERS,
    ...problem.headers,
    'x-request-id': place.requestId,
    'content-length': String(Buffer.byteLength(body)),
  };
  return { status: problem.status, headers, body };
}

/** The bytes of the answer to what is no request, so that there is no response object to write it. */
export function formatPlainAnswer({ status, headers, body }: PlainAnswer, date: Date): string {
  const lines = Object.entries({ ...headers, date: date.toUTCString(), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`;
}
