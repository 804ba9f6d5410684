import type { IncomingMessage } from 'node:http';
import findProxied from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/** Who asks, as far as counting goes; `null` when the connection has gone and nobody can be answered. */
export type FindClient = (request: IncomingMessage) => string | null;

/** The network of one household or host; whoever has one has all its addresses. */
const IPV6_NETWORK_BITS = 64;

/**
 * The address of the connection, or, behind the proxies that are trusted, the one that they forward.
 * @param trustProxy networks in CIDR notation
 */
export function createClientFinder(trustProxy: readonly string[]): FindClient {
  const trust = trustProxy.length === 0 ? null : findProxied.compile([...trustProxy]);
  return (request) => {
    const { remoteAddress } = request.socket;
    if (remoteAddress === undefined) return null;
    const address = trust === null ? remoteAddress : withoutPort(findProxied(request, trust));
    return address.includes(':') ? findNetwork(address) : address;
  };
}

/** Some proxies forward the port as well (Azure's do), which is another one with every connection. */
function withoutPort(address: string): string {
  return /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(address)?.slice(1).find(Boolean) ?? address;
}

function findNetwork(address: string): string {
  // A proxy that is trusted may still forward what is no address.
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
