import type { FastifyInstance } from 'fastify';
import { renderProblemList, renderProblemPage } from '../web/error-page.ts';
import type { Html } from '../web/html.ts';
import { renderPage } from '../web/page.ts';
import type { Scene } from '../web/scene.ts';
import type { BuiltFiles } from './built-files.ts';
import { PAGE_SECURITY } from './fixed-headers.ts';
import { languageOf } from './page-routes.ts';
import { createScene, frameOf } from './page-scene.ts';
import { PROBLEM, type ProblemType } from './problem.ts';
import { renderText, type RenderedAnswer } from './rendered-answers.ts';
import { sendAnswer } from './send-answer.ts';
import type { Service } from './service.ts';

/** The pages that problem types link to; made of constants alone, nothing of a list or a request is in them. */
export function registerProblemPages(app: FastifyInstance, service: Service, files: BuiltFiles): void {
  const types = Object.keys(PROBLEM) as ProblemType[];
  const register = (path: string, render: (scene: Scene) => { title: string; content: Html }): void => {
    const known = new Map<string, RenderedAnswer>();
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      const scene = createScene(service, null, languageOf(request));
      const answer = known.get(scene.language) ?? renderAnswer(render(scene), scene, path);
      known.set(scene.language, answer);
      return sendAnswer({ request, reply }, answer);
    });
  };
  const renderAnswer = (page: { title: string; content: Html }, scene: Scene, path: string): RenderedAnswer =>
    renderText(renderPage(frameOf(service, null, { scene, files, path, title: page.title }), page.content), {
      cacheControl: 'public, max-age=300',
      contentType: 'text/html; charset=utf-8',
      securityPolicy: PAGE_SECURITY,
    });

  register('/problems/', (scene) => ({
    title: scene.words.errors.problemsTitle,
    content: renderProblemList(
      types.map((type) => ({ type, status: PROBLEM[type].status })),
      scene,
    ),
  }));
  for (const type of types)
    register(`/problems/${type}`, (scene) => ({
      title: type,
      content: renderProblemPage({ type, ...PROBLEM[type] }, scene),
    }));
}
