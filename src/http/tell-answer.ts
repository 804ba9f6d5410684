import type { AccessLog, ToldAnswer } from './access-log.ts';
import type { Metrics } from './metrics.ts';

/** One line and two metrics an answer, whether the router gave it or the front desk. */
export function tellAnswer(answer: ToldAnswer, { metrics, log }: { metrics: Metrics; log: AccessLog }): void {
  if (answer.cache !== null) metrics.countCache(answer.cache);
  metrics.countRequest(answer);
  log(answer);
}
