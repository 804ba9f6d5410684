/** On every answer. Data may be used by any page; nothing here runs or loads anything. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export const EXPOSED_HEADERS = ['ETag', 'Link', 'Retry-After', 'RateLimit', 'RateLimit-Policy'];

/** Without them a page of another origin could not read when to come back. */
export const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
} as const;

/** On every answer with data. */
export const ANSWER_HEADERS = { ...SECURITY_HEADERS, ...CORS_HEADERS } as const;

/** On every problem answer, whichever door it leaves by. */
export const PROBLEM_HEADERS = {
  ...ANSWER_HEADERS,
  'cache-control': 'no-store',
  'content-type': 'application/problem+json; charset=utf-8',
} as const;

/** Pages run our own script alone, load nothing of others, and turn no text into markup. */
export const PAGE_SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** On the page of a problem: another form of the same answer. */
export const PROBLEM_PAGE_HEADERS = {
  ...PROBLEM_HEADERS,
  'content-security-policy': PAGE_SECURITY,
  'content-type': 'text/html; charset=utf-8',
} as const;
