import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { busy } from '../errors.ts';
import type { Admission } from '../server/admission.ts';
import { forwardedResultText } from '../server/forwarded-result.ts';
import type { InFlight } from '../server/in-flight.ts';
import { withoutSecrets } from '../server/without-secrets.ts';
import type { CallContext, Caller, ToolOutcome, ToolSource } from '../tools/tool-source.ts';
import { sendErro, sendJsonText, sendNotAllowed, statusOfErro } from './error-response.ts';
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
export function restTools({ tools, calls, admission, scrub }: RestParts, callerOf: (req: Request) => Caller): Router {
  const router = Router();
  router.get('/tools', (req, res) => {
    sendJsonText(res, 200, withoutSecrets(JSON.stringify({ tools: tools.list(callerOf(req)) }), scrub));
  });
  router.all('/tools', (_req, res) => sendNotAllowed(res, 'GET'));
  router.post('/tools/:name', async (req, res) => {
    const args = await readJsonBody(req);
    const caller = callerOf(req);
    if (!admission.enter(caller.principal, 0)) throw busy();
    calls.enter();
    try {
      const outcome = await tools.call(req.params.name, args, restContext(caller, req, res));
      if (outcome.erro !== undefined) return sendErro(res, statusOfErro(outcome.erro), outcome.erro);
      return sendJsonText(res, 200, withoutSecrets(restText(outcome), scrub));
    } finally {
      calls.leave();
      admission.leave(caller.principal);
    }
  });
  router.all('/tools/:name', (_req, res) => sendNotAllowed(res, 'POST'));
  return router;
}

/** Our tools answer with their object; mounted ones with whatever MCP lets a tool answer. */
function restText(outcome: ToolOutcome): string {
  return outcome.forwarded === undefined
    ? JSON.stringify(outcome.structured)
    : forwardedResultText(outcome, 'legacy', {});
}

function restContext(caller: Caller, req: Request, res: Response): CallContext {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  return {
    ...caller,
    door: 'rest',
    traceparent: req.get('traceparent'),
    signal: abort.signal,
    requestId: randomUUID(),
    progress: () => {},
    log: () => {},
  };
}
