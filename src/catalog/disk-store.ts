import type { z } from 'zod';
import { removeTemporaries, replaceFile, type Disk } from './disk.ts';
import { seal, SealBroken, SealForeign, sealPieces, unseal, type SealedKind } from './sealed-file.ts';
import { JudgedForm, type JudgedFile } from './judged-file.ts';
import { EMPTY_MEMORY, HeldList, SavedList, SyncMemory, type CatalogStore } from './store.ts';
import type { WriterLock } from './writer-lock.ts';

const GENERATIONS = 3;
/** Milliseconds of the year 5138; a file numbered beyond it is not counted on from. */
const FURTHEST_NUMBER = 1e14;
/** A bad file is kept for whoever looks into it, and not for ever. */
const QUARANTINED = 3;
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;

/** Another process writes in the folder; this one serves and does not save. */
export class FolderBusy extends Error {
  override readonly name = 'FolderBusy';
  constructor() {
    super('another process writes in DATA_DIR');
  }
}

interface DiskStoreOptions {
  readonly disk: Disk;
  readonly lock: WriterLock;
  readonly packKey: string;
  /** Is told of every file that could not be used; a damaged one is put aside under another name. */
  readonly onBadFile: (bad: { name: string; problem: string; quarantined: boolean }) => void;
}

/** Files in one folder: the newest three lists by number, one held list, one memory, what was judged; all of them sealed. */
export function createDiskStore(options: DiskStoreOptions): CatalogStore & JudgedFile {
  const { disk, lock, packKey, onBadFile } = options;
  const heldName = `held-${packKey}.json`;
  const memoryName = `sync-${packKey}.json`;
  const judgedName = `judged-${packKey}.json`;
  const listName = new RegExp(`^snapshot-${packKey}-(\\d{13,15})\\.json$`);
  const badName = new RegExp(`^bad-\\d+-[a-z]+-${packKey}(?:-\\d+)?\\.json$`);

  const quarantine = async (name: string): Promise<boolean> => {
    try {
      if (!(await lock.acquire())) return false;
      const earlier = (await disk.list()).filter((one) => badName.test(one));
      const number = Math.max(0, ...earlier.map(numberOfBad)) + 1;
      await disk.rename(name, `bad-${number}-${name}`);
      const old = earlier.toSorted((one, other) => numberOfBad(other) - numberOfBad(one));
      for (const one of old.slice(QUARANTINED - 1)) await disk.remove(one);
      return true;
    } catch {
      return false;
    }
  };

  const read = async <Schema extends z.ZodType>(
    name: string,
    kind: SealedKind | 'judged',
    schema: Schema,
  ): Promise<z.infer<Schema> | null> => {
    try {
      const bytes = await disk.read(name, LARGEST_FILE_BYTES);
      return bytes === null ? null : unseal(bytes, { kind, packKey, schema });
    } catch (error) {
      const quarantined = error instanceof SealBroken && (await quarantine(name));
      onBadFile({ name, problem: describeProblem(error), quarantined });
      return null;
    }
  };

  const replace = async (name: string, bytes: () => Buffer): Promise<void> => {
    if (!(await lock.acquire())) throw new FolderBusy();
    await replaceFile(disk, name, bytes());
  };
  const write = async (name: string, kind: SealedKind, content: unknown): Promise<void> =>
    replace(name, () => seal(kind, packKey, content));

  const listNewestFirst = async (): Promise<{ name: string; number: number }[]> => {
    const names = (await disk.list()).flatMap((name) => {
      const number = listName.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    });
    return names.toSorted((one, other) => other.number - one.number);
  };

  /** The list is saved by then: what cannot be cleared away now is cleared away after the next one. */
  const dropOld = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await disk.remove(name);
    await removeTemporaries(disk);
  };

  return {
    async readList() {
      try {
        for (const { name } of await listNewestFirst()) {
          const list = await read(name, 'list', SavedList);
          if (list !== null) return list;
        }
      } catch (error) {
        onBadFile({ name: 'DATA_DIR', problem: describeProblem(error), quarantined: false });
      }
      return null;
    },
    async saveList(list) {
      const kept = await listNewestFirst();
      // Numbers grow even when the clock goes back: the newest file is the one that was saved last.
      const newest = kept.find(({ number }) => number < FURTHEST_NUMBER)?.number ?? 0;
      const number = Math.max(Date.parse(list.checkedAt), newest + 1);
      await write(`snapshot-${packKey}-${String(number).padStart(13, '0')}.json`, 'list', list);
      await dropOld(kept.slice(GENERATIONS - 1).map(({ name }) => name)).catch(() => undefined);
    },
    readHeld: async () => read(heldName, 'held', HeldList),
    async saveHeld(held) {
      if (held !== null) await write(heldName, 'held', held);
      else if (await lock.acquire()) {
        await disk.remove(heldName);
        await disk.flush();
      }
    },
    readMemory: async () => (await read(memoryName, 'memory', SyncMemory)) ?? EMPTY_MEMORY,
    saveMemory: async (memory) => write(memoryName, 'memory', memory),
    readJudged: async () => read(judgedName, 'judged', JudgedForm),
    async dropJudged() {
      if (await lock.acquire()) await disk.remove(judgedName);
    },
    saveJudged: async (body) => replace(judgedName, () => sealPieces('judged', packKey, body)),
  };
}

const numberOfBad = (name: string): number => Number(/^bad-(\d+)-/.exec(name)?.[1] ?? 0);

function describeProblem(error: unknown): string {
  if (error instanceof SealBroken || error instanceof SealForeign) return error.message;
  return (error as Error).message.slice(0, 200);
}
