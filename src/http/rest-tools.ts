import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { Principal } from '../companies/principal.ts';
import { busy } from '../errors.ts';
import type { Admission } from '../server/admission.ts';
import type { InFlight } from '../server/in-flight.ts';
import { withoutSecrets } from '../server/without-secrets.ts';
import type { CallContext, ToolSource } from '../tools/tool-source.ts';
import { sendErro, sendJson, sendJsonText, sendNotAllowed, statusOfErro } from './error-response.ts';
import { readJsonBody } from './read-json-body.ts';

export interface RestParts {
  readonly tools: ToolSource;
  /** Where calls are counted while they run. */
  readonly calls: InFlight;
  /** The room that calls of every door share. */
  readonly admission: Admission;
  /** The last gate: answers hold free text from Omie, and a key may have been pasted there. */
  readonly scrub: (text: string) => string;
}

/** Plain REST over the same tools: `GET /tools`, `POST /tools/{name}` with JSON arguments in, the result out. */
export function restTools(
  { tools, calls, admission, scrub }: RestParts,
  principalOf: (req: Request) => Principal,
): Router {
  const router = Router();
  router.get('/tools', (req, res) => sendJson(res, 200, { tools: tools.list(principalOf(req)) }));
  router.all('/tools', (_req, res) => sendNotAllowed(res, 'GET'));
  router.post('/tools/:name', async (req, res) => {
    const args = await readJsonBody(req);
    const principal = principalOf(req);
    if (!admission.enter(principal, 0)) throw busy();
    calls.enter();
    try {
      const { structured, erro } = await tools.call(req.params.name, args, restContext(principal, req, res));
      if (erro !== undefined) return sendErro(res, statusOfErro(erro), erro);
      return sendJsonText(res, 200, withoutSecrets(JSON.stringify(structured), scrub));
    } finally {
      calls.leave();
      admission.leave(principal);
    }
  });
  router.all('/tools/:name', (_req, res) => sendNotAllowed(res, 'POST'));
  return router;
}

function restContext(principal: Principal, req: Request, res: Response): CallContext {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  return {
    principal,
    door: 'rest',
    traceparent: req.get('traceparent'),
    signal: abort.signal,
    requestId: randomUUID(),
    progress: () => {},
    log: () => {},
  };
}
