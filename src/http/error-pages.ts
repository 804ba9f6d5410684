import type { FastifyRequest } from 'fastify';
import { renderErrorPage, type GoneTrial } from '../web/error-page.ts';
import { renderPage } from '../web/page.ts';
import type { BuiltFiles } from './built-files.ts';
import { TRIAL_PAGE } from './page-answers.ts';
import { languageOf } from './page-routes.ts';
import { createScene, findPhones, frameOf } from './page-scene.ts';
import type { RenderErrorPage } from './problem-answers.ts';
import { servedEdition, type Service } from './service.ts';
import { readNctId } from './trial-routes.ts';

/** Pages of errors, in the form of all pages; `files` are known only once their routes are. */
export function createErrorPages(service: Service, files: () => BuiltFiles): RenderErrorPage {
  return (problem, request) => {
    const edition = servedEdition(service);
    const scene = createScene(service, edition, languageOf(request));
    const { type, status } = problem;
    const { title } = scene.words.errors.problem[type];
    const frame = {
      ...frameOf(service, edition, { scene, files: files(), path: '/', title }),
      isIndexed: false,
    };
    const gone = type === 'gone' ? findGone(request, service) : null;
    const phones = findPhones(service);
    return renderPage(frame, renderErrorPage({ type, status, requestId: request.id, gone, phones }, scene));
  };
}

function findGone(request: FastifyRequest, service: Service): GoneTrial | null {
  const nctId = request.routeOptions.url === TRIAL_PAGE ? readNctId(request) : null;
  return nctId === null ? null : service.catalog.findTombstone(nctId);
}
