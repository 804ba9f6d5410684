import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page of somebody else. */
export interface HostPage {
  readonly body: string;
  readonly head?: string;
  /** Its own security policy; none unless given. */
  readonly policy?: string;
  readonly lang?: string;
}

/** A site of somebody else, on an origin of its own, whose pages a test makes. */
export interface WidgetHost {
  readonly origin: string;
  /** Puts a page there and gives its address. */
  publish(page: HostPage): string;
  close(): Promise<void>;
}

export async function startWidgetHost(): Promise<WidgetHost> {
  const pages: HostPage[] = [];
  const server = createServer((request, response) => {
    const page = pages[Number(request.url?.slice(1))];
    if (page === undefined) return response.writeHead(404).end();
    const { policy } = page;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      ...(policy !== undefined && { 'content-security-policy': policy }),
    });
    return response.end(format(page));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    publish: (page) => `${origin}/${pages.push(page) - 1}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function format({ head = '', body, lang = 'en' }: HostPage): string {
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A hospital</title><link rel="icon" href="data:,">${head}</head>
<body><h1>Leukemia care</h1>${body}<footer id="below"><p>The hospital’s own words below.</p></footer></body></html>`;
}
