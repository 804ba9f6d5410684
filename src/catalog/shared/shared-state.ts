import type { z } from 'zod';
import { seal, unseal, type SealedKind } from '../sealed-file.ts';
import type { RedisLink } from './redis-link.ts';
import { createStoreKeys } from './store-keys.ts';

/** What one look at the store tells. */
export interface Look {
  /** The number of our lease, or `null` when another has it. */
  readonly fence: number | null;
  /** Of each kind that was ever published; they only grow. */
  readonly versions: Readonly<Record<SealedKind, number>>;
}

/** `lost`: another process leads meanwhile, or somebody has published what we do not know. */
export type Publication = { readonly result: 'done'; readonly version: number } | { readonly result: 'lost' };

/** What replicas share, under one pack: a lease, and a sealed text of each kind with its version. */
export interface SharedState {
  /**
   * Reads the versions and, when we may lead, takes or renews the lease if it is free or ours.
   * @throws SharedStoreAway
   */
  look(mayLead: boolean): Promise<Look>;
  /**
   * Compare-and-set: only the holder of the newest fence publishes, and only over the version that it knows.
   * @param content `null` removes it
   * @throws SharedStoreAway
   */
  publish(kind: SealedKind, content: unknown, by: { fence: number; known: number }): Promise<Publication>;
  /**
   * The content, checked like a file; `null` when there is none.
   * @throws SharedStoreAway, SealBroken, SealForeign
   */
  read<Schema extends z.ZodType>(kind: SealedKind, schema: Schema): Promise<z.infer<Schema> | null>;
  /** Gives the lease up, if it is ours. @throws SharedStoreAway */
  release(): Promise<void>;
  readonly channel: string;
}

/** A leader that dies has lost the lead after this time. */
export const LEASE_MS = 10_000;

const LOOK = `
local holder = redis.call('GET', KEYS[1])
local fence = 0
if ARGV[3] == '0' then
  fence = 0
elseif holder == false then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  fence = redis.call('INCR', KEYS[2])
elseif holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  fence = tonumber(redis.call('GET', KEYS[2]) or '0')
  if fence == 0 then fence = redis.call('INCR', KEYS[2]) end
end
local versions = redis.call('HMGET', KEYS[3], 'list', 'held', 'memory')
return {fence, tonumber(versions[1] or '0'), tonumber(versions[2] or '0'), tonumber(versions[3] or '0')}`;

/** A store that was emptied, or went back to an older state, has lower versions: numbering goes on above what the leader knows. */
const PUBLISH = `
if tonumber(redis.call('GET', KEYS[1]) or '0') ~= tonumber(ARGV[1]) then return 0 end
if redis.call('GET', KEYS[4]) ~= ARGV[6] then return 0 end
local version = tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or '0')
local known = tonumber(ARGV[3])
if version > known then return 0 end
local next = math.max(version, known) + 1
if ARGV[4] == '' then redis.call('DEL', KEYS[3]) else redis.call('SET', KEYS[3], ARGV[4]) end
redis.call('HSET', KEYS[2], ARGV[2], next)
redis.call('PUBLISH', ARGV[5], ARGV[2])
return next`;

const READ = `return redis.call('GET', KEYS[1])`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`;

export function createSharedState(options: {
  link: RedisLink;
  packKey: string;
  /** Of this process. */
  id: string;
  leaseMs?: number;
}): SharedState {
  const { link, packKey, id, leaseMs = LEASE_MS } = options;
  const key = createStoreKeys(packKey);
  const channel = key('changes');
  return {
    channel,
    async look(mayLead) {
      const answer = await link.run(
        LOOK,
        [key('lease'), key('fence'), key('versions')],
        [id, String(leaseMs), mayLead ? '1' : '0'],
      );
      const [fence = 0, list = 0, held = 0, memory = 0] = answer as number[];
      return { fence: fence === 0 ? null : fence, versions: { list, held, memory } };
    },
    async publish(kind, content, { fence, known }) {
      const text = content === null ? '' : seal(kind, packKey, content).toString('utf8');
      const version = (await link.run(
        PUBLISH,
        [key('fence'), key('versions'), key(kind), key('lease')],
        [String(fence), kind, String(known), text, channel, id],
      )) as number;
      return version === 0 ? { result: 'lost' } : { result: 'done', version };
    },
    async read(kind, schema) {
      const text = await link.run(READ, [key(kind)], []);
      return typeof text === 'string' ? unseal(Buffer.from(text, 'utf8'), { kind, packKey, schema }) : null;
    },
    async release() {
      await link.run(RELEASE, [key('lease')], [id]);
    },
  };
}
