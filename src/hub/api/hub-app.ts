/** The hub's door: one request's way through the token, its route, and the audit. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { type AppError, asAppError, InternalError, NotFoundError } from '../../errors.ts';
import { readJsonBody } from '../../http/read-json-body.ts';
import { pathOf } from '../../http/request-path.ts';
import { setSecurityHeaders } from '../../http/security-headers.ts';
import { visibleJson } from '../../invisible-text.ts';
import type { Logger } from '../../logging/logger.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import type { InFlight } from '../../server/in-flight.ts';
import { withoutSecrets } from '../../server/without-secrets.ts';
import type { ObserveCall } from '../../tools/call-report.ts';
import { openApiDocument } from '../openapi/document.ts';
import { HubError, type Problem } from '../problem.ts';
import type { Admin } from './admin.ts';
import { frontPage } from './front-page.ts';
import { type PageFiles, pages } from './pages.ts';
import { problemOf, sendProblem } from './problem-response.ts';
import { NOBODY, RefusedRequests } from './refused-requests.ts';
import { noBody, type Route, type RouteAnswer } from './route.ts';
import { sendEvents } from './send-events.ts';

export interface HubAppParts {
  readonly routes: readonly Route[];
  readonly admin: Admin;
  readonly logger: Logger;
  readonly observe: ObserveCall;
  /** Where requests are counted while they run: a house that stops waits for them. */
  readonly calls: InFlight;
  /** The last gate: nothing the house knows as a secret leaves. */
  readonly scrub: (text: string) => string;
  readonly version: string;
  readonly files: PageFiles;
}

export interface HubDoor {
  /** Whether a path is the hub's. */
  owns(path: string): boolean;
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Before the door, of whomever it is. */
  refuse(req: IncomingMessage, res: ServerResponse, error: AppError): void;
  close(): void;
}

const EVENTS = 'text/event-stream';
/** RFC 6750 §3.1: who needs another token is told so; what a route refuses, no token would change. */
const CHALLENGES: Readonly<Record<number, string>> = {
  401: 'Bearer realm="hub"',
  403: 'Bearer realm="hub", error="insufficient_scope"',
};
const OWN_PATH = /^\/$|^\/(?:api|docs|redoc|page)(?:\/|$)|^\/openapi\.json$/;

export function createHubApp(parts: HubAppParts): HubDoor {
  const { routes, admin, logger, observe, version, files } = parts;
  const refused = new RefusedRequests(observe);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const openApi = JSON.stringify(openApiDocument(routes, version));
  app.get('/openapi.json', (_req, res) => {
    res.type('application/json').send(openApi);
  });
  app.use(pages(files));
  app.use(frontPage(files));
  // Whatever is asked below /api, asked of nobody or not: who has no token learns nothing of what there is.
  app.use('/api', async (req, res, next) => {
    let principal = NOBODY;
    try {
      await admin.admit(req, (known) => {
        principal = known;
      });
      next();
    } catch (thrown) {
      refused.notAdmitted(req, refuse(req, res, thrown), principal);
    }
  });
  for (const route of routes) app[route.method](expressPath(route.path), answering(route, parts));
  for (const [path, methods] of methodsByPath(routes)) {
    app.all(expressPath(path), (req, res) => {
      const allow = methods.map((method) => method.toUpperCase()).join(', ');
      const wrong = new HubError('pedido_recusado', `Use ${allow} neste caminho.`, { hint: 'Veja /docs.' });
      const problem = problemOf(wrong, randomUUID(), req.path);
      sendProblem(res, { ...problem, status: 405 }, { allow });
      refused.astray(req, problem, admin.principal.id);
    });
  }
  app.use((req, res) => {
    const missing = new NotFoundError('Este caminho não existe.', { hint: 'Veja /docs.' });
    const problem = problemOf(missing, randomUUID(), req.path);
    sendProblem(res, problem);
    refused.astray(req, problem, admin.principal.id);
  });
  const onError: express.ErrorRequestHandler = (thrown, req, res, _next) => {
    const problem = refuse(
      req,
      res,
      thrown instanceof URIError
        ? new HubError('pedido_recusado', 'O caminho tem um % sem sentido.', {
            hint: 'Escreva o id como GET /api/servers o mostra, ou codifique o % como %25.',
          })
        : thrown,
    );
    refused.astray(req, problem, admin.principal.id);
  };
  app.use(onError);

  function refuse(req: Request, res: Response, thrown: unknown): Problem {
    const requestId = randomUUID();
    const problem = problemOf(thrown, requestId, req.originalUrl.split('?', 1)[0]);
    if (problem.status >= 500) logger.error({ requestId, err: thrown }, 'hub request broke');
    const challenge = CHALLENGES[problem.status];
    sendProblem(res, problem, challenge === undefined ? {} : { 'www-authenticate': challenge });
    return problem;
  }

  return {
    owns: (path) => OWN_PATH.test(path),
    handle(req, res) {
      // Express gives the response a prototype of its own.
      setSecurityHeaders(res);
      app(req, res);
    },
    refuse(req, res, error) {
      setSecurityHeaders(res);
      const problem = problemOf(error, randomUUID(), pathOf(req.url));
      sendProblem(res, problem);
      refused.notAdmitted({ method: req.method, originalUrl: req.url }, problem, NOBODY);
    },
    close: () => refused.close(),
  };
}

/** Runs a route, tells of it, and writes what came of it. */
function answering(route: Route, { admin, logger, observe, calls, scrub }: HubAppParts): RequestHandler {
  return async (req, res) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    const abort = new AbortController();
    res.on('close', () => {
      if (!res.writableFinished) abort.abort();
    });
    let target = typeof req.params['id'] === 'string' ? req.params['id'] : '-';
    let outcome = 'ok';
    let body: unknown;
    let told = false;
    calls.enter();
    try {
      if (route.body !== noBody) body = await readJsonBody(req);
      const about = (text: string): void => {
        target = text;
      };
      const wantsEvents = req.accepts(['application/json', EVENTS]) === EVENTS;
      const context = { signal: abort.signal, requestId, wantsEvents, about };
      const answer = await route.handle({ params: req.params, query: req.query, body }, context);
      if ('endless' in answer && answer.endless === true) tell();
      await write(res, answer, requestId, scrub);
    } catch (thrown) {
      const problem = problemOf(thrown, requestId, req.path);
      outcome = problem.code;
      if (asAppError(thrown) instanceof InternalError && !(thrown instanceof HubError)) {
        logger.error({ requestId, action: route.action, err: thrown }, 'hub request broke');
      }
      sendProblem(res, { ...problem, detail: scrub(problem.detail) });
    } finally {
      tell();
    }

    function tell(): void {
      if (told) return;
      told = true;
      // What never ends by itself keeps nobody waiting.
      calls.leave();
      observe({
        method: `hub/${route.action}`,
        target,
        // Ids come and go: they are no label.
        known: false,
        door: 'rest',
        principal: admin.principal.id,
        requestId,
        outcome,
        durationMs: performance.now() - startedAt,
        companies: [],
        rows: undefined,
        args: body ?? req.query,
      });
    }
  };
}

async function write(
  res: Response,
  answer: RouteAnswer,
  requestId: string,
  scrub: (text: string) => string,
): Promise<void> {
  res.setHeader('x-request-id', requestId);
  if ('events' in answer) {
    if (res.req.method === 'HEAD') {
      res.type(EVENTS).end();
      return;
    }
    await sendEvents(res, answer.events, { requestId, scrub, ofWork: answer.endless !== true });
    return;
  }
  res.status(answer.status);
  if ('json' in answer) res.type('application/json').send(withoutSecrets(answer.json, scrub));
  else if (answer.body === undefined) res.end();
  else res.type('application/json').send(visibleJson(withoutSecrets(exactJson(answer.body), scrub)));
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}
