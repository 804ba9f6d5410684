import { readFileSync } from 'node:fs';
import process from 'node:process';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import etag from '@fastify/etag';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';
import type { CapturedAnswers } from './rival.ts';

/**
 * What is usually registered for the same: plugins for compression, tags, security headers, origins and limits, and
 * Fastify's own log, over a body made beforehand. Started with the file of answers and a port.
 */
const [, , file = '', port = ''] = process.argv;
const answers = JSON.parse(readFileSync(file, 'utf8')) as CapturedAnswers;
const bytesOf = (name: 'list' | 'trial'): Buffer => Buffer.from(answers[name].body, 'base64');
const list = bytesOf('list');
const trial = bytesOf('trial');

const server = fastify({ logger: true });
await server.register(cors);
await server.register(helmet);
await server.register(rateLimit, { max: 1_000_000_000, timeWindow: 60_000 });
await server.register(compress);
await server.register(etag);
server.get('/list', (_request, reply) => reply.type('application/json; charset=utf-8').send(list));
server.get('/trial', (_request, reply) => reply.type('application/json; charset=utf-8').send(trial));
await server.listen({ host: '127.0.0.1', port: Number(port) });
