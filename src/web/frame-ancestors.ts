/** `scheme://host:port` with each part where it is given. */
const HOST_SOURCE = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^:/]+)(?::(\d+|\*))?(?:\/.*)?$/i;
const DEFAULT_PORT: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Whether a source list of `frame-ancestors` lets a page of an origin frame ours (CSP Level 3, section 6.7.2.5). The
 * browser has judged the same before it showed the frame; we judge it again before we tell that page anything.
 */
export function isFrameAncestor(sources: string, origin: string, ownOrigin: string): boolean {
  const parsed = URL.parse(origin);
  // An opaque origin ("null") is named by no list, and nothing could be sent to it alone.
  if (parsed === null || parsed.origin !== origin || !(parsed.protocol in DEFAULT_PORT)) return false;
  return sources
    .split(/\s+/)
    .some((source) =>
      source.toLowerCase() === "'self'" ? origin === ownOrigin : matches(source, parsed, ownOrigin),
    );
}

function matches(source: string, origin: URL, ownOrigin: string): boolean {
  if (source === '*') return true;
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return isScheme(source.toLowerCase(), origin);
  const [, scheme, host, port] = HOST_SOURCE.exec(source) ?? [];
  if (host === undefined || source.startsWith("'")) return false;
  const wanted = scheme === undefined ? new URL(ownOrigin).protocol : `${scheme.toLowerCase()}:`;
  return isScheme(wanted, origin) && isHost(host.toLowerCase(), origin) && isPort(port, origin);
}

/** A page that has moved to TLS is still the page that was named. */
function isScheme(scheme: string, { protocol }: URL): boolean {
  return scheme === protocol || (scheme === 'http:' && protocol === 'https:');
}

function isHost(host: string, { hostname }: URL): boolean {
  if (host === '*') return true;
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host;
}

function isPort(port: string | undefined, { port: given, protocol }: URL): boolean {
  const standard = DEFAULT_PORT[protocol];
  return port === '*' || (port ?? standard) === (given || standard);
}
