import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { buildApp } from './app.ts';
import { readConfig, SettingWrong, type Config } from './config.ts';
import { createLogStream, type LogStream } from './log-stream.ts';
import { createOperatorLog } from './operator-log.ts';
import { createPipeline } from './pipeline.ts';
import { PackUnusable } from './read-institution-pack.ts';
import { createStop, type StopSignal } from './stop-gracefully.ts';

/** Environment, settings, application, listen, close gracefully. The only file of the service that touches `process`. */

const EXIT_CONFIG = 78;
const EXIT_UNAVAILABLE = 69;

// Nobody who reads, or has no room: no reason to end.
process.stdout.on('error', () => {});

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Lines are written together, a quarter of a second late at most; who reads too slowly loses some, not we our memory. */
const LOG = { chunkBytes: 65_536, maxBytes: 1_048_576, flushEveryMs: 250 };

function openLog(): LogStream {
  const { chunkBytes, maxBytes, flushEveryMs } = LOG;
  const stream = createLogStream({ fd: process.stdout.fd, chunkBytes, maxBytes });
  setInterval(() => stream.flush(), flushEveryMs).unref();
  process.once('exit', () => stream.end());
  return stream;
}

/** Our address as far as the settings tell; nothing while the port is still to be picked. */
function deriveUrl(host: string, port: number): string {
  if (port === 0) return '';
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/**
 * Told to V8 once all is loaded: a start would be cleaned up after again and again while everything in it is needed,
 * and after any such word Node's own compiled code is not used any more.
 */
function tellHeapRules(): void {
  // A heap may double before it is cleaned up, on a machine with much memory even more. Questions that are never asked
  // again would fill it with what nobody needs; a quarter is room enough for what is served.
  setFlagsFromString('--heap-growing-percent=25');
  // What a place in the code makes is put among what stays for long, once most of what that place made did stay. Here
  // the same places make answers that are kept and answers that are over at once, and each of the latter would hold
  // all that it is made of until the whole heap is looked through: a fifth to a third of the price of a new list.
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * Whoever has waited for a start is answered before the registry's client is loaded and before answers are made that
 * nobody has asked for yet: both would keep the first request waiting longer than this.
 */
const FIRST_ANSWERS_MS = 100;

function describeDeafness({ code, message }: NodeJS.ErrnoException, { HOST, PORT }: Config): string {
  if (code === 'EADDRINUSE') return 'PORT is in use by another program; set another one';
  return `HOST ${HOST} and PORT ${PORT} cannot be listened at: ${message}`;
}

/** What a signal does; the handlers are there from the first moment, for process 1 of a container has no others. */
let handle: (signal: StopSignal) => void = () => process.exit(0);
const onSignal = (handler: typeof handle): void => {
  handle = handler;
};
process.on('SIGTERM', () => handle('SIGTERM'));
process.on('SIGINT', () => handle('SIGINT'));
// The terminal has gone.
process.on('SIGHUP', () => handle('SIGINT'));

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  let publicUrl = config.PUBLIC_URL.replace(/\/$/, '') || deriveUrl(config.HOST, config.PORT);
  const operatorLog = createOperatorLog();
  const pipeline = await createPipeline(config, { version, publicUrl, events: operatorLog.events });
  onSignal(() => void pipeline.close().finally(() => process.exit(0)));
  const logStream = openLog();
  const app = await buildApp({
    pack: pipeline.pack,
    catalog: pipeline.catalog,
    sync: pipeline.sync,
    version,
    publicUrl: () => publicUrl,
    mayServeSample: config.BUNDLED_SAMPLE === 'serve',
    rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
    trustProxy: config.TRUST_PROXY.split(',').flatMap((cidr) => cidr.trim() || []),
    frameAncestors: config.FRAME_ANCESTORS,
    logLevel: config.LOG_LEVEL,
    logStream,
    nowMs: () => Date.now(),
  });
  operatorLog.attach({ metrics: app.metrics, log: app.server.log });
  try {
    await app.server.listen({ host: config.HOST, port: config.PORT });
  } catch (error) {
    // Who starts next must not find the folder of data taken by somebody who has gone.
    await pipeline.close();
    throw new Error(describeDeafness(error as NodeJS.ErrnoException, config), { cause: error });
  }
  const { port } = app.server.server.address() as { port: number };
  if (publicUrl === '') publicUrl = deriveUrl(config.HOST, port);
  print(`Serving at ${publicUrl}`);
  print(pipeline.describeData());
  const beginRest = (): void => {
    tellHeapRules();
    pipeline.start(app.clientCounts);
    app.preparation.start();
  };
  const hasList = pipeline.catalog.current !== null;
  const beginning = setTimeout(beginRest, hasList ? FIRST_ANSWERS_MS : 0);

  const stop = createStop({
    announce() {
      clearTimeout(beginning);
      app.announceStop();
    },
    closeServer: async () => app.server.close(),
    cutConnections: () => app.server.server.closeAllConnections(),
    closeRest: async () => Promise.all([app.preparation.stop(), pipeline.close()]),
    exit: (code) => process.exit(code),
    after(durationMs, callback) {
      const timer = setTimeout(callback, durationMs);
      return () => clearTimeout(timer);
    },
  });
  onSignal(stop);
}

try {
  await start();
} catch (error) {
  const isConfig = error instanceof SettingWrong || error instanceof PackUnusable;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(isConfig ? EXIT_CONFIG : EXIT_UNAVAILABLE);
}
