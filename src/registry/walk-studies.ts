import { createHash } from 'node:crypto';
import { RegistryAnswerTooLarge, RegistryContractBroken, RegistryInconsistent } from './registry-errors.ts';
import { readNctId, readVersionHolder } from './study.ts';

/** One question to the registry: a name of ours and its query parameters, made from the institution pack alone. */
export interface StudyQuery {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The registry's dataset: when it was built, and the tag that says whether it has changed. */
export interface RegistryVersion {
  readonly apiVersion: string;
  /** UTC without a zone letter, as the registry gives it. */
  readonly dataTimestamp: string | null;
  readonly etag: string | null;
}

/** One page as the registry sends it. */
export interface StudyPage {
  readonly studies: readonly unknown[];
  readonly totalCount?: number | undefined;
  readonly nextPageToken?: string | undefined;
}

/** A study that a query returned, once per NCT id; `foundBy` names every query that returned it. */
export interface ProposedStudy {
  readonly study: unknown;
  readonly nctId: string | null;
  readonly foundBy: readonly string[];
}

/** What one walk brought, all of one dataset. */
export interface StudyWalk {
  readonly version: RegistryVersion;
  readonly proposed: readonly ProposedStudy[];
  readonly queries: readonly QueryCount[];
  /** Every study that was asked for by number is among the proposed, or not in the registry. */
  readonly followedUp: boolean;
  readonly requests: number;
}

export interface QueryCount {
  readonly name: string;
  readonly totalCount: number;
  readonly rows: number;
  readonly pages: number;
}

/** Progress after each page. */
export interface WalkProgress {
  readonly query: string;
  readonly page: number;
  readonly rows: number;
  readonly totalCount: number;
}

interface WalkTools {
  /** Asked once the queries are walked: what else to ask for, knowing what was found. */
  readonly followUp?: ((found: ReadonlySet<string>) => readonly StudyQuery[]) | undefined;
  readonly limits: { readonly pageSize: number; readonly pages: number };
  readonly fetchPage: (parameters: Readonly<Record<string, string>>) => Promise<StudyPage>;
  readonly fetchVersion: () => Promise<RegistryVersion>;
  readonly onPage?: ((progress: WalkProgress) => void) | undefined;
}

const WALKS = 3;
const UNDATED = '';
/** A study that moves between pages comes twice; more rows beyond the count than this are a walk without an end. */
const ROWS_BEYOND_COUNT = 0.02;

/** The dataset changed, or its pages do not fit: the walk is worth repeating. */
class WalkBroken extends Error {}

/**
 * Walks all pages of all queries until they are of one dataset: `/version` is the same before and after, every
 * study carries that day, and the rows are as many as announced. The registry promises no isolation between
 * pages, so a walk that crosses a refresh is done again, twice at most.
 */
export async function walkStudies(
  queries: readonly StudyQuery[],
  tools: WalkTools,
): Promise<Omit<StudyWalk, 'requests'>> {
  let broken: unknown;
  for (let walk = 1; walk <= WALKS; walk++) {
    try {
      return await walkOnce(queries, tools);
    } catch (error) {
      if (!(error instanceof WalkBroken)) throw error;
      broken = error;
    }
  }
  throw new RegistryInconsistent('The registry was inconsistent three times in a row', { cause: broken });
}

async function walkOnce(
  queries: readonly StudyQuery[],
  tools: WalkTools,
): Promise<Omit<StudyWalk, 'requests'>> {
  const version = await tools.fetchVersion();
  const found = new Map<string, ProposedStudy>();
  const days = new Set<string>();
  const counts: QueryCount[] = [];
  const collect = async (query: StudyQuery): Promise<void> => {
    const { studies, count } = await walkQuery(query, tools);
    counts.push(count);
    for (const study of studies) {
      addProposed(found, study, query.name);
      days.add(readVersionHolder(study) ?? UNDATED);
    }
  };
  for (const query of queries) await collect(query);
  const followedUp = await followUp(tools.followUp?.(new Set(found.keys())) ?? [], collect);
  const after = await tools.fetchVersion();
  if (after.dataTimestamp !== version.dataTimestamp || after.etag !== version.etag)
    throw new WalkBroken('the dataset changed during the walk');
  checkDays(days, version);
  return { version, proposed: [...found.values()], queries: counts, followedUp };
}

/**
 * A follow-up only explains what left the list: a registry that refuses the question must not stop the walk.
 * @returns whether all of it was answered
 */
async function followUp(
  queries: readonly StudyQuery[],
  collect: (query: StudyQuery) => Promise<void>,
): Promise<boolean> {
  try {
    for (const query of queries) await collect(query);
    return queries.length > 0;
  } catch (error) {
    if (error instanceof RegistryContractBroken) return false;
    throw error;
  }
}

function addProposed(found: Map<string, ProposedStudy>, study: unknown, query: string): void {
  const nctId = readNctId(study);
  // One that several queries return is one, also when its number cannot be read.
  const key = nctId ?? createHash('sha256').update(JSON.stringify(study)).digest('hex');
  const known = found.get(key);
  if (known === undefined) found.set(key, { study, nctId, foundBy: [query] });
  else if (!known.foundBy.includes(query)) found.set(key, { ...known, foundBy: [...known.foundBy, query] });
}

async function walkQuery(
  query: StudyQuery,
  tools: WalkTools,
): Promise<{ studies: unknown[]; count: QueryCount }> {
  const parameters = {
    format: 'json',
    markupFormat: 'markdown',
    ...query.parameters,
    pageSize: String(tools.limits.pageSize),
  };
  const studies: unknown[] = [];
  const tokens = new Set<string>();
  let page = await tools.fetchPage({ ...parameters, countTotal: 'true' });
  const { totalCount } = page;
  if (totalCount === undefined) throw new RegistryContractBroken('The first page has no totalCount', 200);
  // A query that lost its filters would match the whole registry: it is told at its first page.
  if (totalCount > tools.limits.pageSize * tools.limits.pages)
    throw new RegistryAnswerTooLarge(`${totalCount} studies are more than a walk may bring`);
  for (let pages = 1; ; pages++) {
    studies.push(...page.studies);
    if (studies.length - totalCount > Math.max(1, totalCount * ROWS_BEYOND_COUNT))
      throw new WalkBroken('there were more studies than announced');
    tools.onPage?.({ query: query.name, page: pages, rows: studies.length, totalCount });
    const token = page.nextPageToken;
    if (token === undefined) return { studies, count: countRows({ query, studies, totalCount, pages }) };
    if (tokens.has(token)) throw new WalkBroken('a page token came twice');
    if (pages >= tools.limits.pages) throw new WalkBroken('there were too many pages');
    tokens.add(token);
    page = await fetchNextPage(tools, { ...parameters, pageToken: token });
  }
}

/** An expired token answers 400; only a new walk helps. */
async function fetchNextPage(tools: WalkTools, parameters: Record<string, string>): Promise<StudyPage> {
  try {
    return await tools.fetchPage(parameters);
  } catch (error) {
    if (error instanceof RegistryContractBroken && error.status === 400)
      throw new WalkBroken('a page token was refused', { cause: error });
    throw error;
  }
}

/**
 * `totalCount` is exact at every size, so any other number of different studies means that the dataset moved and
 * one may be missing. A study on two pages is no loss as long as all the others are there.
 */
function countRows(walked: {
  query: StudyQuery;
  studies: readonly unknown[];
  totalCount: number;
  pages: number;
}): QueryCount {
  const { query, studies, totalCount, pages } = walked;
  const distinct = new Set(studies.map((study, index) => readNctId(study) ?? index)).size;
  if (distinct !== totalCount) throw new WalkBroken(`${distinct} studies of ${totalCount} announced`);
  return { name: query.name, totalCount, rows: studies.length, pages };
}

/** Every study carries the day of its dataset, which must be the day of `/version`. */
function checkDays(days: ReadonlySet<string>, version: RegistryVersion): void {
  const allowed = version.dataTimestamp?.slice(0, 10);
  const told = [...days].filter((day) => day !== UNDATED);
  if (told.length > 1 || (allowed !== undefined && told.some((day) => day !== allowed)))
    throw new WalkBroken('studies of different days in one walk');
}
