import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { Principal } from '../companies/principal.ts';
import type { InFlight } from '../server/in-flight.ts';
import type { CallContext, ToolSource } from '../tools/tool-source.ts';
import { sendErro, sendJson, sendNotAllowed, statusOfErro } from './error-response.ts';
import { readJsonBody } from './read-body.ts';

/** Plain REST over the same tools: `GET /tools`, `POST /tools/{name}` with JSON arguments in, the result out. */
export function restTools(tools: ToolSource, principalOf: (req: Request) => Principal, calls: InFlight): Router {
  const router = Router();
  router.get('/tools', (req, res) => sendJson(res, 200, { tools: tools.list(principalOf(req)) }));
  router.all('/tools', (_req, res) => sendNotAllowed(res, 'GET'));
  router.post('/tools/:name', async (req, res) => {
    const args = await readJsonBody(req);
    calls.enter();
    try {
      const { structured, erro } = await tools.call(req.params.name, args, restContext(principalOf(req), res));
      return erro === undefined ? sendJson(res, 200, structured) : sendErro(res, statusOfErro(erro), erro);
    } finally {
      calls.leave();
    }
  });
  router.all('/tools/:name', (_req, res) => sendNotAllowed(res, 'POST'));
  return router;
}

function restContext(principal: Principal, res: Response): CallContext {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  return { principal, signal: abort.signal, requestId: randomUUID(), progress: () => {}, log: () => {} };
}
