import { formatAge, type Age } from '../trials/age.ts';
import { describeQuery, formatQuery, type TrialQuery } from '../trials/trial-query.ts';

/** A question as it is told. */
export interface ToldQuestion {
  /** As `formatQuery` writes it, in links. */
  readonly text: string;
  /** As JSON, in the answer. */
  readonly json: string;
  /** The text without the age: the same for all who differ in nothing else. */
  readonly ageless: string;
}

/**
 * Whether such a question may be met again, perhaps with another age: what people type differs too much, and would
 * drive out the rest.
 */
export function maybeMetAgain({ ageMin, ageMax, q }: TrialQuery): boolean {
  return ageMin === null && ageMax === null && q.length === 0;
}

export function tellQuestion(query: TrialQuery): ToldQuestion {
  if (query.age !== null) return createAgeTeller(query)(query.age);
  const text = formatQuery(query);
  return { text, json: JSON.stringify(describeQuery(query)), ageless: text };
}

/** Stands where the age does: a teller is kept, and holds nobody's. */
const NOBODYS: Age = { amount: 0, unit: 'day' };

/** Tells questions that differ in nothing but their age: around that each is the same. */
export function createAgeTeller(asked: TrialQuery): (age: Age) => ToldQuestion {
  const query = { ...asked, age: NOBODYS };
  // The age stands before all that could look like it.
  const text = cutOnce(formatQuery(query), `age=${formatAge(NOBODYS)}`);
  const json = cutOnce(JSON.stringify(describeQuery(query)), `"age":"${formatAge(NOBODYS)}"`);
  const ageless = `${text.before}age=${text.after}`;
  return (other) => {
    const named = formatAge(other);
    return {
      text: `${text.before}age=${named}${text.after}`,
      json: `${json.before}"age":"${named}"${json.after}`,
      ageless,
    };
  };
}

function cutOnce(text: string, part: string): { before: string; after: string } {
  const place = text.indexOf(part);
  return { before: text.slice(0, place), after: text.slice(place + part.length) };
}
