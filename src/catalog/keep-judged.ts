import { createHash } from 'node:crypto';
import type { InstitutionPack } from '../trials/institution-pack.ts';
import { takeSteps, type Harvest, type SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import { addInSteps, jsonInPieces } from './hash-content.ts';
import type { JudgedFile } from './judged-file.ts';
import { indexSnapshotInSteps, type Snapshot, type SnapshotContent } from './snapshot.ts';
import { HarvestForm, type CatalogStore } from './store.ts';

/** Keeps what was made of the list that is saved, so that the next start need not judge every study again. */
export interface Judgements {
  /** The snapshot of a harvest: as it was kept, when it was made by these rules of this very harvest, or else judged now. */
  readonly restore: SnapshotBuilder;
  /** A store that keeps what was judged with every list it saves. */
  wrap(store: CatalogStore, catalog: Pick<Catalog, 'served'>): CatalogStore;
  /** Keeps what `restore` had to judge; in its own time, for there are readers now. */
  start(): void;
  settled(): Promise<void>;
}

/** Some two thousand trials. Reading more would take as long as judging many of them, and memory meanwhile. */
const LARGEST_BYTES = 64 * 1024 * 1024;

export function createJudgements(options: {
  file: JudgedFile;
  pack: InstitutionPack;
  buildSnapshot: SnapshotBuilder;
  /** See `markRules`; nothing is kept and nothing kept is used under `null`. */
  rules: string | null;
  rest: (workedMs: number) => Promise<unknown>;
  largestBytes?: number;
}): Judgements {
  const { file, pack, buildSnapshot, rules, rest, largestBytes = LARGEST_BYTES } = options;
  let judged: { harvest: Harvest; snapshot: Snapshot } | null = null;
  let keeping: Promise<void> = Promise.resolve();

  const keyOf = async (harvest: Harvest, signal?: AbortSignal): Promise<string> => {
    const hash = createHash('sha256').update(`${JSON.stringify([rules, pack])}\n`);
    const steps = addInSteps(hash, HarvestForm.parse(harvest));
    return (await takeSteps(steps, rest, signal)).digest('hex');
  };

  const findKept = async (harvest: Harvest, signal?: AbortSignal): Promise<Snapshot | null> => {
    if (rules === null) return null;
    const kept = await file.readJudged();
    if (kept === null || kept.key !== (await keyOf(harvest, signal))) return null;
    return takeSteps(indexSnapshotInSteps(kept.content, kept.id, pack.facets), rest, signal);
  };

  const keep = async (harvest: Harvest, snapshot: Snapshot): Promise<void> => {
    if (rules === null) return;
    const key = await keyOf(harvest);
    const body = await takeSteps(writeInSteps({ key, snapshot, largestBytes }), rest);
    if (body !== null) await file.saveJudged(body);
  };

  /** What could not be kept costs the next start a second; the list itself is saved by others, who tell. */
  const keepNext = async (harvest: Harvest, snapshot: Snapshot): Promise<void> => {
    keeping = keeping.then(async () => keep(harvest, snapshot)).catch(() => undefined);
    return keeping;
  };

  return {
    async restore(harvest, signal) {
      const kept = await findKept(harvest, signal).catch(() => null);
      signal?.throwIfAborted();
      if (kept !== null) return kept;
      const snapshot = await buildSnapshot(harvest, signal);
      judged = { harvest, snapshot };
      return snapshot;
    },
    wrap: (store, catalog) => ({
      ...store,
      async saveList(list) {
        // Before anything is waited for: now the list that is to be saved is the one that is served.
        const { served } = catalog;
        judged = null;
        await store.saveList(list);
        if (served !== null) await keepNext(list.harvest, served);
      },
    }),
    start() {
      if (judged !== null) void keepNext(judged.harvest, judged.snapshot);
      judged = null;
    },
    settled: async () => keeping,
  };
}

/** The JSON of the file; `null` when it would be too large. */
function* writeInSteps(given: {
  key: string;
  snapshot: Snapshot;
  largestBytes: number;
}): Generator<undefined, Buffer[] | null> {
  const { key, snapshot, largestBytes } = given;
  const { id, trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp } = snapshot;
  const content = { trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp };
  const body = [Buffer.from(`{"key":${JSON.stringify(key)},"id":${JSON.stringify(id)},"content":`)];
  let bytes = 0;
  for (const text of jsonInPieces(content satisfies SnapshotContent)) {
    const piece = Buffer.from(text);
    bytes += piece.length;
    if (bytes > largestBytes) return null;
    body.push(piece);
    yield;
  }
  body.push(Buffer.from('}'));
  return body;
}
