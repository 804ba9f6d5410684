import { createServer } from 'node:http';
import process from 'node:process';

/**
 * The peers' design: the registry is asked for each request, and what it says is rendered. A whole list takes what our
 * sync takes: the version and three queries, one after the other, as the registry wants to be asked. With a time to
 * live, answers are kept by their address for as long. Started with the registry's address, a port and milliseconds.
 */
const QUESTIONS = ['version', 'named', 'criteria', 'baskets'];

interface RegistryStudy {
  readonly protocolSection: {
    readonly identificationModule: { readonly nctId: string; readonly briefTitle?: string };
    readonly statusModule?: { readonly overallStatus?: string };
    readonly designModule?: { readonly phases?: readonly string[]; readonly studyType?: string };
    readonly conditionsModule?: { readonly conditions?: readonly string[] };
    readonly eligibilityModule?: Readonly<Record<string, unknown>>;
    readonly contactsLocationsModule?: { readonly locations?: readonly unknown[] };
  };
}

const [, , registry = '', port = '', ttl = '0'] = process.argv;
const ttlMs = Number(ttl);
const kept = new Map<string, { body: string; untilMs: number }>();

async function render(address: string): Promise<string> {
  let studies: readonly RegistryStudy[] = [];
  for (const question of QUESTIONS) {
    const answer = await fetch(`${registry}/${question}${address}`);
    ({ studies } = (await answer.json()) as { studies: readonly RegistryStudy[] });
  }
  return JSON.stringify({
    data: studies.map(({ protocolSection: section }) => ({
      ...section.identificationModule,
      ...section.statusModule,
      ...section.designModule,
      ...section.conditionsModule,
      ...section.eligibilityModule,
      sites: section.contactsLocationsModule?.locations,
    })),
    total: studies.length,
  });
}

async function find(address: string): Promise<string> {
  const known = kept.get(address);
  if (known !== undefined && known.untilMs > Date.now()) return known.body;
  const body = await render(address);
  if (ttlMs > 0) kept.set(address, { body, untilMs: Date.now() + ttlMs });
  return body;
}

createServer((request, response) => {
  void find(request.url ?? '/').then((body) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    return response.end(body);
  });
}).listen(Number(port), '127.0.0.1');
