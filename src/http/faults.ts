/**
 * Every fault that a client or too many of them can cause, and those of ours that nobody else would see (P13): each moves the metric by its kind and writes a
 * line, at most one a minute. Neither says more than the kind, so that no request reaches a log.
 */
export const FAULT = {
  shed: 'requests are refused: there are more than can be answered',
  pipelined: 'requests are refused: too many wait on one connection',
  'untaken-answers': 'requests are refused: too many answers are not taken',
  'rate-limited': 'requests are refused: a client is over its limit',
  'malformed-request': 'requests are not HTTP',
  'headers-too-large': 'requests have headers over the limit',
  'request-timeout': 'requests do not arrive in time',
  'slow-reader': 'connections are cut: answers are not taken in time',
  'too-many-connections': 'connections are refused: there are too many',
  'front-desk': 'what was asked before could not be answered ahead of the router, which is asked instead',
  preparation: 'a common answer could not be rendered early',
} as const;
export type FaultKind = keyof typeof FAULT;
export const FAULT_KINDS = Object.keys(FAULT) as FaultKind[];

export interface FaultCounter {
  countFault(kind: string): void;
}

/** Tells the metric and the log of a fault. */
export type ReportFault = (kind: FaultKind) => void;

export function createFaultReporter(to: {
  counter: FaultCounter;
  logRarely: (kind: FaultKind, text: string) => void;
}): ReportFault {
  return (kind) => {
    to.counter.countFault(kind);
    to.logRarely(kind, FAULT[kind]);
  };
}
