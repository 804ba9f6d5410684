import { LRUCache } from 'lru-cache';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import { searchableTexts } from '../catalog/snapshot.ts';
import { FACET_FILTERS } from '../trials/facet-groups.ts';
import { valuesOfGroup } from '../trials/facet-vocabulary.ts';
import type { InstitutionPack } from '../trials/institution-pack.ts';
import { wordsOf } from '../trials/search-words.ts';
import type { Trial } from '../trials/trial.ts';
import { factsOf } from '../web/find-trials.ts';
import type { View, WantedBlank } from '../web/finder.ts';
import { splitAtPlaces } from '../web/html.ts';
import type { Scene } from '../web/scene.ts';
import type { TrialFacts } from '../web/trial-facts.ts';
import { formatDay } from '../web/words/dates.ts';

/** The markup of a trial as bytes, with the places that a question fills. */
export interface Blank {
  readonly bytes: Buffer;
  /** In the order in which they come. */
  readonly places: readonly { readonly name: string; readonly at: number }[];
}

/** What pages say of a trial whatever is asked: most of every page of the list, and most of the work of making one. */
export interface TrialBlanks {
  findFacts(listed: IndexedTrial, view: View): TrialFacts;
  isKept(blank: { trial: Trial; view: View; scene: Scene }): boolean;
  /** Made when it is first wanted, and kept for as long as trial and scene are the same. */
  findBlank(blank: WantedBlank): Blank;
}

interface KeptBlank extends Blank {
  readonly trial: Trial;
  readonly day: string | null;
}

export function createTrialBlanks({
  pack,
  maxBytes,
}: {
  pack: InstitutionPack;
  maxBytes: number;
}): TrialBlanks {
  const facetIds = FACET_FILTERS.flatMap((group) =>
    valuesOfGroup(pack.facets, group).map((value) => `${group}.${value}`),
  );
  const facts: Readonly<Record<View, WeakMap<Trial, TrialFacts>>> = {
    patient: new WeakMap(),
    clinician: new WeakMap(),
  };
  // By number and not by trial: the blanks of a new list take the places of those before, which nobody asks for again.
  const blanks = new LRUCache<string, KeptBlank>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }, key) => bytes.length + key.length + BESIDE_BYTES,
  });
  const findKept = (trial: Trial, view: View, scene: Scene): KeptBlank | null => {
    const known = blanks.get(nameBlank(trial, view, scene));
    return known?.trial === trial && known.day === describeScene(scene).day ? known : null;
  };
  return {
    findFacts(listed, view) {
      const known = facts[view].get(listed.trial) ?? createFacts(listed, { view, facetIds });
      facts[view].set(listed.trial, known);
      return known;
    },
    isKept: ({ trial, view, scene }) => findKept(trial, view, scene) !== null,
    findBlank({ found: { trial }, view, scene, places, render }) {
      const known = findKept(trial, view, scene);
      if (known !== null) return known;
      const { day } = describeScene(scene);
      const made = { ...cutAtPlaces(render().toString(), places), trial, day };
      blanks.set(nameBlank(trial, view, scene), made);
      return made;
    },
  };
}

/** An entry with its key, its places and the object of its bytes. */
const BESIDE_BYTES = 1_000;

function nameBlank({ nctId }: Trial, view: View, scene: Scene): string {
  return `${nctId}|${view}|${describeScene(scene).name}`;
}

/** What blanks of a scene depend on, but for what is the same in a service as long as it runs: places and names. */
interface SceneMark {
  readonly name: string;
  /** Of the moment of the check nothing is shown but its day, and there may be a check every few minutes. */
  readonly day: string | null;
}

/** By scene, since a page asks of each trial for the same. */
const sceneMarks = new WeakMap<Scene, SceneMark>();

function describeScene(scene: Scene): SceneMark {
  const { language, base, headingLevel, timeZone, checkedAt } = scene;
  const mark = sceneMarks.get(scene) ?? {
    name: `${language}|${headingLevel}|${timeZone}|${base}`,
    day: checkedAt === null ? null : formatDay(checkedAt, scene),
  };
  sceneMarks.set(scene, mark);
  return mark;
}

/** Words are many and only a search looks into them: they are kept as one text, which takes a fifth of the memory. */
function createFacts(
  { trial, judgeFit }: IndexedTrial,
  asked: { view: View; facetIds: readonly string[] },
): TrialFacts {
  const facts = factsOf({ trial, judgeFit, searchWords: [] }, asked);
  if (asked.view === 'patient') return facts;
  const text = [...wordsOf(searchableTexts(trial))].join(' ');
  return {
    ...facts,
    get words() {
      return text === '' ? [] : text.split(' ');
    },
  };
}

/** `placeNames` are kept in place of those that are found, which are cuts of the whole text and would hold it. */
function cutAtPlaces(markup: string, placeNames: readonly string[]): Blank {
  const cuts = splitAtPlaces(markup);
  const texts = cuts.filter((_cut, index) => index % 2 === 0);
  const bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  const places: { name: string; at: number }[] = [];
  let end = 0;
  for (const [index, text] of texts.entries()) {
    end += bytes.write(text, end);
    const name = placeNames.find((one) => one === cuts[index * 2 + 1]);
    if (name !== undefined) places.push({ name, at: end });
  }
  return { bytes, places };
}
