import { connect, type Socket } from 'node:net';
import process from 'node:process';

/**
 * Offers requests at a constant rate, whether or not answers come (open loop), and tells by process message what
 * came back. Times count from when a request was due, so that waiting for a connection counts too. The parser knows
 * just what this service sends: a status, a `content-length`, a body.
 */
export interface Load {
  readonly port: number;
  readonly perSecond: number;
  readonly durationMs: number;
}
export interface Outcome {
  readonly offered: number;
  readonly goodMs: number[];
  readonly shedMs: number[];
  readonly otherStatuses: number;
  readonly unanswered: number;
  readonly seconds: number;
}

const MOST_CONNECTIONS = 3_000;
const PATIENCE_MS = 2_000;
const AGES = 90;
const LIMITS = 181;
const WARM = [
  '/v1/trials',
  '/v1/trials?ageGroup=child&phase=3',
  '/v1/trials?availability=open',
  '/v1/trials/NCT03914625',
  '/v1/trials/NCT03959085',
  '/v1/vocabulary',
];
let asked = 0;

/** Half cold lists, each of filters that were not asked before; half warm lists and trials. */
function nextPath(): string {
  const turn = asked++;
  const half = Math.floor(turn / 2);
  if (turn % 2 === 0) return WARM[half % WARM.length] ?? '/';
  return `/v1/trials?age=${1 + (half % AGES)}&limit=${20 + (Math.floor(half / AGES) % LIMITS)}&phase=${1 + (Math.floor(half / AGES / LIMITS) % 3)},2`;
}

interface Connection {
  ask(path: string, dueMs: number): void;
}

function openConnection(
  port: number,
  onAnswer: (status: number, dueMs: number) => void,
  onIdle: (own: Connection) => void,
) {
  const socket: Socket = connect(port, '127.0.0.1').setNoDelay();
  let dueMs = 0;
  let leftBytes = -1;
  let status = 0;
  let head = '';
  const own: Connection = {
    ask(path, due) {
      dueMs = due;
      socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: br, gzip\r\n\r\n`);
    },
  };
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    let bodyBytes = chunk.length;
    if (leftBytes < 0) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      status = Number(head.slice(9, 12));
      leftBytes = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      bodyBytes = head.length - end - 4;
    }
    leftBytes -= bodyBytes;
    if (leftBytes > 0) return;
    head = '';
    leftBytes = -1;
    onAnswer(status, dueMs);
    onIdle(own);
  });
  return own;
}

async function offer({ port, perSecond, durationMs }: Load): Promise<Outcome> {
  const goodMs: number[] = [];
  const shedMs: number[] = [];
  let otherStatuses = 0;
  let answered = 0;
  let opened = 0;
  const onAnswer = (status: number, dueMs: number): void => {
    answered++;
    const tookMs = performance.now() - dueMs;
    if (status === 200) goodMs.push(tookMs);
    else if (status === 503) shedMs.push(tookMs);
    else otherStatuses++;
  };
  const idle: Connection[] = [];
  const waiting: { path: string; dueMs: number }[] = [];
  const onIdle = (own: Connection): void => {
    const next = waiting.shift();
    if (next) own.ask(next.path, next.dueMs);
    else idle.push(own);
  };
  const send = (dueMs: number): void => {
    const path = nextPath();
    const own = idle.pop();
    if (own) own.ask(path, dueMs);
    else if (opened < MOST_CONNECTIONS) {
      opened++;
      openConnection(port, onAnswer, onIdle).ask(path, dueMs);
    } else waiting.push({ path, dueMs });
  };
  const beganMs = performance.now();
  const total = Math.round((perSecond * durationMs) / 1000);
  let offered = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - beganMs) * perSecond) / 1000));
      for (; offered < due; offered++) send(beganMs + (offered * 1000) / perSecond);
      if (offered < total) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  const seconds = (performance.now() - beganMs) / 1000;
  const patienceEndsMs = performance.now() + PATIENCE_MS;
  const isComplete = (): boolean => answered === offered || performance.now() > patienceEndsMs;
  while (!isComplete())
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  return { offered, goodMs, shedMs, otherStatuses, unanswered: offered - answered, seconds };
}

// One process a load would begin each one cold; connections of one load end with it.
process.on('message', (load: Load) => {
  void offer(load).then((outcome) => process.send?.(outcome));
});
