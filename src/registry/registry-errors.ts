/** Codes of failures at the registry, as `/health/ready` shows them; the list is closed. */
export const REGISTRY_FAILURE = {
  unreachable: {
    label: 'Unreachable',
    definition: 'No complete answer in time: network error, time-out, server error or cut-off body.',
  },
  busy: { label: 'Busy', definition: 'The registry asked to wait (429 or 503 with Retry-After).' },
  refused: {
    label: 'Refused',
    definition: 'The edge refused us (403 or an HTML page); asking again soon does not help.',
  },
  contract_broken: {
    label: 'Contract broken',
    definition: 'The registry answered in a way that its documentation rules out, or refused our query.',
  },
  inconsistent: {
    label: 'Inconsistent',
    definition: 'Pages of one walk did not fit together, three times in a row.',
  },
  answer_too_large: { label: 'Answer too large', definition: 'An answer was over the size limit.' },
} as const;
export type RegistryFailureCode = keyof typeof REGISTRY_FAILURE;

const LONGEST_UPSTREAM_TEXT = 200;

/** What goes with a failure: its cause, and the registry's own words for the log only. */
interface FailureDetails {
  readonly cause?: unknown;
  readonly upstreamText?: string;
}

/** A failure at the registry. One subclass for each decision that a caller can make. */
export abstract class RegistryError extends Error {
  abstract readonly code: RegistryFailureCode;
  /** The registry's words, cut and on one line; never shown to a client. */
  readonly upstreamText: string | null;
  constructor(message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.upstreamText = details.upstreamText === undefined ? null : cutForLog(details.upstreamText);
  }
}

/** A copy, because a slice keeps the whole body of up to 64 MB in memory for as long as the error is kept. */
function cutForLog(upstreamText: string): string {
  const cut = upstreamText.slice(0, LONGEST_UPSTREAM_TEXT).replace(/[^\u0020-\u007e]+/g, ' ');
  return Buffer.from(cut, 'latin1').toString('latin1');
}

/** Try again later. */
export class RegistryUnreachable extends RegistryError {
  override readonly code = 'unreachable' as const;
}

/** Wait at least `retryAfterMs`, then try again. */
export class RegistryBusy extends RegistryError {
  override readonly code = 'busy' as const;
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number, details: FailureDetails = {}) {
    super(message, details);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Pause long: a refusal at the edge is deterministic. */
export class RegistryRefused extends RegistryError {
  override readonly code = 'refused' as const;
}

/** Keep the list and tell the operator. `status` is the registry's, 0 for an unreadable answer. */
export class RegistryContractBroken extends RegistryError {
  override readonly code = 'contract_broken' as const;
  readonly status: number;
  constructor(message: string, status: number, details: FailureDetails = {}) {
    super(message, details);
    this.status = status;
  }
}

/** Keep the list; the registry was changing under the walk. */
export class RegistryInconsistent extends RegistryError {
  override readonly code = 'inconsistent' as const;
}

/** Keep the list and tell the operator: the answer was over the cap. */
export class RegistryAnswerTooLarge extends RegistryError {
  override readonly code = 'answer_too_large' as const;
}
