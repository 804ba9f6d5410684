import type { FastifyInstance } from 'fastify';
import { PROBLEM, type ProblemType } from './problem.ts';

const PAGE_SECURITY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The pages that problem types link to; made of constants alone, nothing of a request is in them. */
export function registerProblemPages(app: FastifyInstance): void {
  const types = Object.keys(PROBLEM) as ProblemType[];
  const list = types.map(
    (type) => `<li><a href="/problems/${type}">${type}</a> (${PROBLEM[type].status})</li>`,
  );
  const index = page('Problem types', `<p>Every error we answer with.</p><ul>${list.join('')}</ul>`);
  app.get('/problems/', { schema: { hide: true } }, async (_request, reply) => sendPage(reply, index));
  for (const type of types) {
    const { status, title, help } = PROBLEM[type];
    const body = `<p>Status ${status}. ${title}.</p><p>${help.replace(/`([^`]+)`/g, '<code>$1</code>')}</p><p><a href="/problems/">All problem types</a> · <a href="/docs">Documentation</a></p>`;
    const html = page(type, body);
    app.get(`/problems/${type}`, { schema: { hide: true } }, async (_request, reply) =>
      sendPage(reply, html),
    );
  }
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`;
}

function sendPage(
  reply: { header: (name: string, value: string) => unknown; send: (html: string) => unknown },
  html: string,
) {
  reply.header('content-security-policy', PAGE_SECURITY);
  reply.header('cache-control', 'public, max-age=300');
  reply.header('content-type', 'text/html; charset=utf-8');
  return reply.send(html);
}
