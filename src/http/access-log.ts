/** What is told of an answer: never the address, the query or who asked. */
export interface ToldAnswer {
  readonly requestId: string;
  readonly method: string;
  /** The pattern of the route. */
  readonly route: string;
  readonly status: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Whether it had been rendered before; `null` for what is not kept. */
  readonly cache: 'hit' | 'miss' | null;
}

/** One line an answer: the route's pattern and never the address, which may hold an age or a search. */
export type AccessLog = (answer: ToldAnswer) => void;

const INFO = 30;

/**
 * Writes the lines that the logger would write, without asking it for every one: an answer costs as much as its line
 * otherwise. All that comes from outside is a number or one of a few words of ours.
 * @param origin what the logger adds to each line
 */
export function createAccessLog(options: {
  stream: { write(line: string): unknown };
  isOn: () => boolean;
  origin: Readonly<Record<string, unknown>>;
  nowMs: () => number;
}): AccessLog {
  const { stream, isOn, nowMs } = options;
  const origin = JSON.stringify(options.origin).slice(1, -1);
  const texts = new Map<string, string>();
  const quote = (route: string): string => {
    const text = texts.get(route) ?? JSON.stringify(route);
    texts.set(route, text);
    return text;
  };
  return ({ requestId, route, status, milliseconds, bytes, cache }) => {
    if (!isOn()) return;
    const named = cache === null ? 'null' : `"${cache}"`;
    stream.write(
      `{"level":${INFO},"time":${nowMs()},${origin},"reqId":"${requestId}","route":${quote(route)},` +
        `"status":${status},"milliseconds":${Math.round(milliseconds * 100) / 100},"bytes":${bytes},"cache":${named},"msg":"answered"}\n`,
    );
  };
}
