import { createHash } from 'node:crypto';
import process from 'node:process';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { sampleSnapshot } from './sample.ts';
import { buildTestApp } from './test-app.ts';

/** Typical answers over the bundled sample as hashes: every replica has to send the same bytes under the same tags. */
const TYPICAL_URLS = [
  '/v1/trials',
  '/v1/trials?limit=5&sort=title',
  '/v1/trials?ageGroup=child&phase=3&availability=open',
  '/v1/trials?age=34&genomic=ph_positive&setting=newly_diagnosed&match=fits,check,does_not_fit',
  '/v1/trials?q=blinatumomab&relevance=specific,includes,possible&siteMatch=confirmed,network,possible',
  '/v1/trials?sort=updated&limit=200&relevance=specific,includes,possible',
  '/v1/trials/NCT03914625',
  '/v1/trials/NCT03914625/provenance',
  '/v1/excluded',
  '/v1/quality',
];

const DECODERS = {
  identity: (bytes: Buffer) => bytes,
  gzip: gunzipSync,
  br: brotliDecompressSync,
} as const;
type Coding = keyof typeof DECODERS;

/** Of one answer: the decoded body, which is what a caller reads and what the tags are made of, and its tags. */
export interface AnswerHashes {
  readonly body: string;
  readonly tags: Readonly<Record<Coding, string>>;
}
/** Of one answer's bytes as sent: they are the work of a library, whose next version may pack them otherwise. */
export type PackedHashes = Readonly<Record<'gzip' | 'br', string>>;

export interface HashedAnswers {
  readonly snapshotId: string;
  readonly answers: Readonly<Record<string, AnswerHashes>>;
  readonly packed: Readonly<Record<string, PackedHashes>>;
}

/** As committed: packed bytes by what packed them. */
export interface KnownHashes extends Omit<HashedAnswers, 'packed'> {
  readonly packed: Readonly<Record<string, HashedAnswers['packed']>>;
}
export const ANSWER_HASHES = new URL('../fixtures/answer-hashes.json', import.meta.url);

/** What packs the bytes of an answer: its deflate is written for the processor that it runs on. */
export function describePackers(): string {
  const { zlib, brotli } = process.versions;
  return `zlib ${zlib}, brotli ${brotli}, ${process.arch}`;
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/**
 * Asks an application of its own, as any replica would.
 * @throws Error when a packed body is not the plain one
 */
export async function hashAnswers(): Promise<HashedAnswers> {
  const { server } = await buildTestApp();
  const ask = async (url: string, coding: Coding): Promise<{ bytes: Buffer; tag: string; body: string }> => {
    const answer = await server.inject({ url, headers: { 'accept-encoding': coding } });
    const { rawPayload: bytes, headers } = answer;
    const body = hash(headers['content-encoding'] === coding ? DECODERS[coding](bytes) : bytes);
    return { bytes, tag: String(headers.etag), body };
  };
  const answers: Record<string, AnswerHashes> = {};
  const packed: Record<string, PackedHashes> = {};
  for (const url of TYPICAL_URLS) {
    const [identity, gzip, br] = [await ask(url, 'identity'), await ask(url, 'gzip'), await ask(url, 'br')];
    if (gzip.body !== identity.body || br.body !== identity.body)
      throw new Error(`${url}: a packed body is not the plain one`);
    answers[url] = {
      body: identity.body,
      tags: { identity: identity.tag, gzip: gzip.tag, br: br.tag },
    };
    packed[url] = { gzip: hash(gzip.bytes), br: hash(br.bytes) };
  }
  await server.close();
  return { snapshotId: sampleSnapshot.id, answers, packed };
}
