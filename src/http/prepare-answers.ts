import type { Catalog, Edition } from '../catalog/catalog.ts';
import { understandFilters } from '../trials/trial-query.ts';
import { findCommonFilters } from './common-lists.ts';
import type { FrontDesk } from './front-desk.ts';
import { createFirstPage } from './list-trials.ts';
import { keptBytesOf, prepareAnswer } from './rendered-answers.ts';
import { takeSteps } from './take-steps.ts';
import type { KeptAnswer, TrialAnswers } from './trial-answers.ts';

/** Renders what is asked most as soon as there is another list, so that nobody is the first to ask. */
export interface Preparation {
  start(): void;
  /** Resolves when all is prepared, or was begun for a list that has gone. */
  settled(): Promise<void>;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

/** An answer that many ask for, with the address by which they do. */
export interface CommonAnswer {
  readonly address: string;
  readonly route: string;
  /** In as many steps as it takes for none of them to be long. */
  readonly renderInSteps: (edition: Edition) => Iterator<undefined, KeptAnswer>;
}

export function createPreparation(options: {
  catalog: Catalog;
  /** The edition that is served; `null` while there is none. */
  servedEdition: () => Edition | null;
  answers: TrialAnswers;
  /** Pages that are asked for most. */
  findCommonPages: (edition: Edition) => Iterable<CommonAnswer>;
  remember: FrontDesk['remember'];
  /** Bodies beyond this are rendered when they are asked for. */
  maxBytes: number;
  /** Requests come first: called after each answer and each of its steps. */
  rest: () => Promise<unknown>;
  onFault: (error: unknown) => void;
}): Preparation {
  const { catalog, servedEdition, answers, remember, maxBytes, rest, onFault } = options;
  const stopping = new AbortController();
  let running: Promise<void> | null = null;

  const lists = findCommonFilters().map((filters): CommonAnswer => {
    const text = Object.entries(filters)
      .map(([name, [value]]) => `${name}=${value}`)
      .join('&');
    const query = understandFilters(filters);
    return {
      address: `/v1/trials${text === '' ? '' : `?${text}`}`,
      route: '/v1/trials',
      renderInSteps: atOnce((edition) => answers.list(createFirstPage(edition, query))),
    };
  });
  /** One after the other: packs may have more trials than are ever prepared. */
  function* commonAnswers(edition: Edition): Generator<CommonAnswer> {
    yield* lists;
    yield* options.findCommonPages(edition);
    for (const { nctId } of edition.snapshot.trials)
      yield {
        address: `/v1/trials/${nctId}`,
        route: '/v1/trials/:nctId',
        renderInSteps: atOnce((current) => answers.trial(current, nctId)),
      };
  }

  const isOver = (edition: Edition): boolean => stopping.signal.aborted || servedEdition() !== edition;
  const prepare = async (edition: Edition): Promise<void> => {
    let bytes = 0;
    for (const { address, route, renderInSteps } of commonAnswers(edition)) {
      if (isOver(edition) || bytes > maxBytes) return;
      try {
        const kept = await takeSteps(renderInSteps(edition), async () => {
          await rest();
          return isOver(edition);
        });
        if (kept === null) return;
        const { key, answer } = kept;
        await rest();
        await prepareAnswer(answer);
        remember(address, { key, route });
        bytes += keptBytesOf(answer);
      } catch (error) {
        // It is rendered when it is asked for, and fails then, if it must, for who asks.
        onFault(error);
        return;
      }
      await rest();
    }
  };
  /** An edition that comes meanwhile ends the work on the one before, and is next. */
  const run = async (): Promise<void> => {
    try {
      for (let done: Edition | null = null; ;) {
        const edition = servedEdition();
        if (edition === null || edition === done || stopping.signal.aborted) return;
        await prepare(edition);
        done = edition;
      }
    } finally {
      running = null;
    }
  };
  const begin = (): void => {
    if (servedEdition() !== null) running ??= run();
  };
  return {
    start() {
      catalog.subscribe(begin);
      begin();
    },
    async settled() {
      await running;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** What is rendered in a moment. */
function atOnce(render: (edition: Edition) => KeptAnswer): CommonAnswer['renderInSteps'] {
  return (edition) => ({ next: () => ({ done: true, value: render(edition) }) });
}
