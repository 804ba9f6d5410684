import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { expect, test } from 'vitest';

/** What a start must not load: each is megabytes and a tenth of a second for what nobody asked for yet. */
const PROBE = `
  const { createRequire } = await import('node:module');
  await import('./src/app.ts');
  await import('./src/pipeline.ts');
  const packages = Object.keys(createRequire(import.meta.url).cache);
  const loaded = (name) => packages.some((path) => path.includes('/node_modules/' + name + '/'));
  console.log(JSON.stringify({
    ownClient: process.moduleLoadList.includes('NativeModule internal/deps/undici/undici'),
    registryClient: loaded('undici'),
    storeClient: loaded('@redis/client'),
    schemaCompiler: loaded('ajv'),
    documentation: loaded('@fastify/swagger') || loaded('@fastify/swagger-ui'),
    framework: loaded('fastify'),
    webSocket: typeof WebSocket,
  }));`;

test('a start loads no client, no compiler of schemas and no maker of documents', () => {
  const flags = ['--import', './src/start-lean.js', '--input-type=module', '-e', PROBE];
  const told = execFileSync(process.execPath, flags, { encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual({
    ownClient: false,
    registryClient: false,
    storeClient: false,
    schemaCompiler: false,
    documentation: false,
    framework: true,
    webSocket: 'function',
  });
});
