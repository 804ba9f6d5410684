import type { FastifyBaseLogger } from 'fastify';
import type { Metrics } from './metrics.ts';

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

/** One line and two metrics an answer, whether the router gave it or the front desk. */
export function tellAnswer(
  answer: ToldAnswer,
  { metrics, log }: { metrics: Metrics; log: FastifyBaseLogger },
): void {
  const { requestId: reqId, method, route, status, bytes, cache } = answer;
  const milliseconds = Math.round(answer.milliseconds * 100) / 100;
  if (cache !== null) metrics.countCache(cache);
  metrics.countRequest({ route, method, status, seconds: milliseconds / 1000 });
  log.info({ reqId, route, status, milliseconds, bytes, cache }, 'answered');
}
