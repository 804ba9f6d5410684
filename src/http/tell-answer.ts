import type { AccessLog, ToldAnswer } from './access-log.ts';
import type { Metrics } from './metrics.ts';

/** One line and two metrics an answer, whether the router gave it or the front desk. */
export function tellAnswer(answer: ToldAnswer, { metrics, log }: { metrics: Metrics; log: AccessLog }): void {
  const { method, route, status, cache } = answer;
  const milliseconds = Math.round(answer.milliseconds * 100) / 100;
  if (cache !== null) metrics.countCache(cache);
  metrics.countRequest({ route, method, status, seconds: milliseconds / 1000 });
  log({ ...answer, milliseconds });
}
