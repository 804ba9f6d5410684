import { createClient, ErrorReply } from '@redis/client';
import { SharedStoreAway, SharedStoreRefused } from './shared-store-errors.ts';

/** One connection to Redis or Valkey, and a second one that listens. Never waited for by a request of a client. */
export interface RedisLink {
  /**
   * Runs a Lua script, which is atomic.
   * @throws SharedStoreAway
   */
  run(script: string, keys: readonly string[], given: readonly string[]): Promise<unknown>;
  /** From now on, also after every reconnection. */
  listen(channel: string, onMessage: () => void): void;
  /** Resolves when it is connected, or after that time. */
  waitUntilReady(atMostMs: number): Promise<void>;
  close(): void;
}

/** Milliseconds. */
export const REDIS_LIMITS = {
  connectMs: 3_000,
  commandMs: 250,
  /** A connection that says nothing, not even to a ping, is given up. */
  pingEveryMs: 2_000,
  silentMs: 5_000,
  shortestReconnectMs: 50,
  longestReconnectMs: 5_000,
} as const;
export type RedisLimits = { readonly [Name in keyof typeof REDIS_LIMITS]: number };

/**
 * Connects in the background and again after every loss, spread at random so that replicas do not come back all at
 * once. Nothing is queued meanwhile: a command that cannot be sent at once is refused.
 */
export function createRedisLink(options: {
  url: string;
  limits?: Partial<RedisLimits>;
  random?: () => number;
  onError?: (error: Error) => void;
}): RedisLink {
  const { url, random = Math.random, onError } = options;
  const limits = { ...REDIS_LIMITS, ...options.limits };
  const create = () =>
    createClient({
      url,
      name: 'uab-all-trials',
      disableOfflineQueue: true,
      pingInterval: limits.pingEveryMs,
      commandOptions: { timeout: limits.commandMs },
      socket: {
        connectTimeout: limits.connectMs,
        socketTimeout: limits.silentMs,
        reconnectStrategy: (retries) =>
          limits.shortestReconnectMs +
          random() *
            Math.min(limits.longestReconnectMs, limits.shortestReconnectMs * 2 ** Math.min(retries, 10)),
      },
    });
  const open = () => {
    const one = create();
    one.on('error', (error: Error) => onError?.(error));
    // Rejected only by `destroy`: until then it tries again for ever.
    one.connect().catch(() => undefined);
    return one;
  };
  let client = open();
  const listener = open();
  let silentSinceMs: number | null = null;

  /** Commands that are sent keep a hung connection from counting as idle: it is given up by their silence. */
  const noteSilence = (): void => {
    const nowMs = performance.now();
    silentSinceMs ??= nowMs;
    if (nowMs - silentSinceMs < limits.silentMs) return;
    silentSinceMs = null;
    client.destroy();
    client = open();
  };
  return {
    async run(script, keys, given) {
      if (!client.isReady) throw new SharedStoreAway('not connected');
      try {
        const command = ['EVAL', script, String(keys.length), ...keys, ...given];
        const answer = await within(limits.commandMs, client.sendCommand(command));
        silentSinceMs = null;
        return answer;
      } catch (error) {
        if (error instanceof ErrorReply) {
          silentSinceMs = null;
          throw new SharedStoreRefused(error.message, { cause: error });
        }
        noteSilence();
        if (error instanceof SharedStoreAway) throw error;
        throw new SharedStoreAway((error as Error).message, { cause: error });
      }
    },
    listen(channel, onMessage) {
      const subscribe = (): void => {
        listener.subscribe(channel, onMessage).catch(() => undefined);
      };
      // The client subscribes again by itself after a loss; only the first time must wait for the connection.
      if (listener.isReady) subscribe();
      else listener.once('ready', subscribe);
    },
    async waitUntilReady(atMostMs) {
      if (client.isReady) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        client.once('ready', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    close() {
      for (const one of [client, listener]) if (one.isOpen) one.destroy();
    },
  };
}

/** The client's own time-out ends when a command is sent; a store that hangs does so afterwards. */
async function within<Result>(durationMs: number, answer: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SharedStoreAway(`no answer within ${durationMs} ms`)), durationMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}
