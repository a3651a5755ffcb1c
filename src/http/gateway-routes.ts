import { type Request, Router } from 'express';
import type { Principal } from '../companies/principal.ts';
import { withoutSecrets } from '../server/without-secrets.ts';
import { sendJsonText, sendNotAllowed } from './error-response.ts';

/** The gateway as these routes need it. */
export interface GatewayRoutesDoor {
  knows(domain: string): boolean;
  status(principal: Principal): object;
  /** @throws NotFoundError, PermissionError, UpstreamUnavailableError */
  resources(domain: string, principal: Principal, signal: AbortSignal): Promise<object>;
}

/** `GET /mcp/status` and `GET /mcp/resources/{domain}`. */
export function gatewayRoutes(
  gateway: GatewayRoutesDoor,
  principalOf: (req: Request) => Principal,
  scrub: (text: string) => string,
): Router {
  const router = Router();
  router.get('/mcp/status', (req, res) => {
    sendJsonText(res, 200, withoutSecrets(JSON.stringify(gateway.status(principalOf(req))), scrub));
  });
  router.get('/mcp/resources/:domain', async (req, res) => {
    const abort = new AbortController();
    res.on('close', () => {
      if (!res.writableFinished) abort.abort();
    });
    const resources = await gateway.resources(req.params.domain, principalOf(req), abort.signal);
    sendJsonText(res, 200, withoutSecrets(JSON.stringify(resources), scrub));
  });
  router.all(['/mcp/status', '/mcp/resources/:domain'], (_req, res) => sendNotAllowed(res, 'GET'));
  return router;
}
