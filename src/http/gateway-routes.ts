import { type Request, type Response, Router } from 'express';
import type { Principal } from '../companies/principal.ts';
import { asAppError } from '../errors.ts';
import { withoutSecrets } from '../server/without-secrets.ts';
import type { CallReport, ObserveCall } from '../tools/call-report.ts';
import type { CallContext, Caller } from '../tools/tool-source.ts';
import { sendJsonText, sendNotAllowed } from './error-response.ts';
import { restContext } from './rest-context.ts';

/** The gateway as these routes need it. */
export interface GatewayRoutesDoor {
  knows(domain: string): boolean;
  status(caller: Caller): object;
  /** By server. @throws NotFoundError, PermissionError, OutOfDomainError, UpstreamUnavailableError */
  resources(domain: string, context: CallContext): Promise<ResourcesByServer>;
  /** Hears of every request of these routes, the refused ones too. */
  readonly observe: ObserveCall;
}

export type ResourcesByServer = Readonly<Record<string, { readonly resources: Readonly<Record<string, unknown>> }>>;

/** What is known of who asks, and where. */
export interface Asker {
  principalOf(req: Request): Principal;
  /** The domains that the address names. @throws UserInputError */
  domainsOf(req: Request): readonly string[] | undefined;
}

/** `GET /mcp/status` and `GET /mcp/resources/{domain}`: each within the domains that its address names. */
export function gatewayRoutes(gateway: GatewayRoutesDoor, asker: Asker, scrub: (text: string) => string): Router {
  const router = Router();
  const route = async (
    req: Request,
    res: Response,
    asked: Pick<CallReport, 'method' | 'target' | 'known'>,
    run: (context: CallContext) => Answer | Promise<Answer>,
  ): Promise<void> => {
    const startedAt = performance.now();
    const principal = asker.principalOf(req);
    const context = restContext({ principal }, req, res);
    // An error is answered under the id that its report has.
    res.setHeader('x-request-id', context.requestId);
    let outcome = 'ok';
    let rows: number | undefined;
    try {
      const answer = await run({ ...context, domains: asker.domainsOf(req) });
      rows = answer.rows;
      sendJsonText(res, 200, withoutSecrets(JSON.stringify(answer.body), scrub));
    } catch (thrown) {
      outcome = asAppError(thrown).code;
      throw thrown;
    } finally {
      const { door, requestId } = context;
      const durationMs = performance.now() - startedAt;
      const args = { path: req.path, query: req.query };
      const who = { door, principal: principal.id, requestId };
      gateway.observe({ ...asked, ...who, outcome, durationMs, companies: [], rows, args });
    }
  };
  router.get('/mcp/status', (req, res) =>
    route(req, res, { method: 'gateway/status', target: '*', known: true }, (context) => ({
      body: gateway.status(context),
    })),
  );
  router.get('/mcp/resources/:domain', (req, res) => {
    const { domain } = req.params;
    const asked = { method: 'gateway/resources', target: domain, known: gateway.knows(domain) } as const;
    return route(req, res, asked, async (context) => {
      const body = await gateway.resources(domain, context);
      return { body, rows: Object.values(body).reduce((sum, one) => sum + Object.keys(one.resources).length, 0) };
    });
  });
  router.all(['/mcp/status', '/mcp/resources/:domain'], (_req, res) => sendNotAllowed(res, 'GET'));
  return router;
}

interface Answer {
  readonly body: object;
  readonly rows?: number;
}
