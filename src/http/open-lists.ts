import { createTrialFiltersSchema } from '../trials/trial-query.ts';
import type { Opener } from './front-desk.ts';
import { createQuestionReader, type QuestionReader } from './list-questions.ts';
import { servedEdition, siteKeysOf, type Service } from './service.ts';
import type { TrialAnswers } from './trial-answers.ts';

const ROUTE = '/v1/trials';
const BEGIN = `${ROUTE}?`;

/** Finds what opens the list of an address at the front desk; `null` for all other addresses, wrong ones included. */
export function createListOpener(
  service: Service,
  { answers, urlBytes }: { answers: TrialAnswers; urlBytes: number },
): (address: string) => Opener | null {
  let read: QuestionReader | null = null;
  return (address) => {
    if (!address.startsWith(BEGIN) || address.length > urlBytes) return null;
    const edition = servedEdition(service);
    if (edition === null) return null;
    read ??= createQuestionReader(createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets));
    const question = read(address.slice(BEGIN.length));
    if (question === null) return null;
    return () => ({ ...answers.list({ ...question, edition, offset: 0 }), route: ROUTE });
  };
}
