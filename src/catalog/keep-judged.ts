import { createHash } from 'node:crypto';
import type { FacetVocabulary } from '../trials/facet-vocabulary.ts';
import type { InstitutionPack } from '../trials/institution-pack.ts';
import { takeSteps, type Harvest, type SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import { addInSteps, jsonInPieces } from './hash-content.ts';
import type { Judged, JudgedFile } from './judged-file.ts';
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

/** A mark of the rules (see `markRules`) and a pack; `null` without the one of the rules. */
export function markRuling(rules: string | null, pack: InstitutionPack): string | null {
  if (rules === null) return null;
  return createHash('sha256')
    .update(JSON.stringify([rules, pack]))
    .digest('hex');
}

export function createJudgements(options: {
  file: JudgedFile;
  /** Nothing is kept and nothing kept is used under `null`. */
  ruling: string | null;
  /** What the file holds, if it was made under this ruling; read by whoever wants to know whether the pack is known. */
  kept: Judged | null;
  vocabulary: FacetVocabulary;
  buildSnapshot: SnapshotBuilder;
  rest: (workedMs: number) => Promise<unknown>;
  largestBytes?: number;
}): Judgements {
  const { file, ruling, vocabulary, buildSnapshot, rest, largestBytes = LARGEST_BYTES } = options;
  let { kept } = options;
  let judged: { harvest: Harvest; snapshot: Snapshot } | null = null;
  let keeping: Promise<void> = Promise.resolve();

  const markHarvest = async (harvest: Harvest, signal?: AbortSignal): Promise<string> => {
    const steps = addInSteps(createHash('sha256'), HarvestForm.parse(harvest));
    return (await takeSteps(steps, rest, { signal })).digest('hex');
  };

  const findKept = async (harvest: Harvest, signal?: AbortSignal): Promise<Snapshot | null> => {
    if (ruling === null || kept?.ruling !== ruling) return null;
    const { content, id, harvest: mark } = kept;
    kept = null;
    if (mark !== (await markHarvest(harvest, signal))) return null;
    return takeSteps(indexSnapshotInSteps(content, id, vocabulary), rest, { signal });
  };

  const write = async (harvest: Harvest, snapshot: Snapshot): Promise<Buffer[] | null> => {
    if (ruling === null) return null;
    const marks = { ruling, harvest: await markHarvest(harvest) };
    return takeSteps(writeInSteps(marks, snapshot, largestBytes), rest);
  };

  const keep = async (harvest: Harvest, snapshot: Snapshot): Promise<void> => {
    try {
      const body = await write(harvest, snapshot);
      if (body !== null) return await file.saveJudged(body);
    } catch {
      // What is there is of another list, as when nothing could be written.
    }
    // Nobody would read it again, and whom the registry has dropped from its records must not stay in it.
    return file.dropJudged();
  };

  /** What could not be kept costs the next start a second; the list itself is saved by others, who tell. */
  const keepNext = async (harvest: Harvest, snapshot: Snapshot): Promise<void> => {
    keeping = keeping.then(async () => keep(harvest, snapshot)).catch(() => undefined);
    return keeping;
  };

  return {
    async restore(harvest, signal) {
      const known = await findKept(harvest, signal).catch(() => null);
      signal?.throwIfAborted();
      if (known !== null) return known;
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
      kept = null;
      if (judged !== null) void keepNext(judged.harvest, judged.snapshot);
      judged = null;
    },
    settled: async () => keeping,
  };
}

/** The JSON of the file; `null` when it would be too large. */
function* writeInSteps(
  marks: Pick<Judged, 'ruling' | 'harvest'>,
  snapshot: Snapshot,
  largestBytes: number,
): Generator<undefined, Buffer[] | null> {
  const { id, trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp } = snapshot;
  const content = { trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp };
  const body = [Buffer.from(`${JSON.stringify({ ...marks, id }).slice(0, -1)},"content":`)];
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
