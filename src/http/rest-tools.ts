import { type Request, Router } from 'express';
import { busy } from '../errors.ts';
import { exactJson } from '../protocol/exact-number.ts';
import type { Admission } from '../server/admission.ts';
import type { InFlight } from '../server/in-flight.ts';
import { restOutcome } from '../server/rest-outcome.ts';
import { withoutSecrets } from '../server/without-secrets.ts';
import type { Caller, ToolSource } from '../tools/tool-source.ts';
import { sendErro, sendJsonText, sendNotAllowed, statusOfErro } from './error-response.ts';
import { readJsonBody } from './read-json-body.ts';
import { restContext } from './rest-context.ts';

/** Which mounted server answered: what MCP has in `_meta`. */
const SERVED_BY_HEADER = 'x-served-by';

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
    sendJsonText(res, 200, withoutSecrets(exactJson({ tools: tools.list(callerOf(req)) }), scrub));
  });
  router.all('/tools', (_req, res) => sendNotAllowed(res, 'GET'));
  router.post('/tools/:name', async (req, res) => {
    const args = await readJsonBody(req);
    const caller = callerOf(req);
    if (!admission.enter(caller.principal, 0)) throw busy();
    calls.enter();
    try {
      const outcome = await tools.call(req.params.name, args, restContext(caller, req, res));
      const answer = restOutcome(outcome);
      const headers = answer.servedBy === undefined ? {} : { [SERVED_BY_HEADER]: answer.servedBy };
      if ('erro' in answer) {
        const erro = { ...answer.erro, mensagem: scrub(answer.erro.mensagem) };
        if (erro.sugestao !== undefined) erro.sugestao = scrub(erro.sugestao);
        return sendErro(res, statusOfErro(erro), erro, headers);
      }
      return sendJsonText(res, 200, withoutSecrets(answer.text, scrub), headers);
    } finally {
      calls.leave();
      admission.leave(caller.principal);
    }
  });
  router.all('/tools/:name', (_req, res) => sendNotAllowed(res, 'POST'));
  return router;
}
