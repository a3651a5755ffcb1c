import type { Access } from '../access/create-access.ts';
import type { Environment } from '../config/environment.ts';
import { ConfigurationError } from '../errors.ts';
import { OMIE_DOMAIN } from '../gateway/naming/domain.ts';
import { createCrossOrigin, createHttpApp } from '../http/app.ts';
import { createAuthenticate } from '../http/authenticate.ts';
import { createGuards } from '../http/guards.ts';
import { type OpenDoors, openDoors } from '../http/open-doors.ts';
import { portProblem } from '../http/port-problem.ts';
import type { Logger } from '../logging/logger.ts';
import { tellPorts } from '../logging/tell-ports.ts';
import type { House } from './house.ts';
import type { TransportName } from './transport-name.ts';

export interface WebOptions {
  readonly environment: Environment;
  readonly transports: readonly TransportName[];
  /** Somebody is served without any port: one that cannot be had is then no reason to end. */
  readonly servedOtherwise: boolean;
}

export interface WebParts {
  readonly house: House;
  readonly access: Access;
  readonly logger: Logger;
}

/**
 * Opens the house's ports. Express is a sixth of the start of a server that speaks stdio alone: load this file only when
 * there are ports to open.
 *
 * @returns undefined when the port cannot be had and somebody is served otherwise
 * @throws ConfigurationError when the port cannot be had and nobody is
 */
export async function openWeb(
  options: WebOptions,
  { house, access, logger }: WebParts,
): Promise<OpenDoors | undefined> {
  const { environment, transports, servedOtherwise } = options;
  const { endpoints, health, tools, gateway, hub, calls, admission, entry, onRefused, onFailed, scrub } = house;
  const app = createHttpApp({
    guards: createGuards({
      host: environment.MCP_HOST,
      allowedHosts: environment.MCP_ALLOWED_HOSTS,
      corsOrigins: environment.MCP_CORS_ORIGINS,
    }),
    crossOrigin: createCrossOrigin(environment.MCP_CORS_ORIGINS),
    authenticate: createAuthenticate(access),
    resourceMetadata: access.resourceMetadata,
    mcp: {
      streamableHttp: endpoints.streamableHttp.handle,
      sseOpen: endpoints.sse.open,
      sseMessage: endpoints.sse.message,
    },
    entry,
    tools,
    gateway,
    ownDomain: OMIE_DOMAIN,
    hub: hub?.door,
    scrub,
    health,
    logger,
    calls,
    admission,
    onRefused,
    onFailed,
  });
  const { MCP_HOST: host, MCP_PORT: port, MCP_SSE_PORT: ssePort, MCP_HTTP_PORT: httpPort } = environment;
  const plan = {
    host,
    port,
    ssePort,
    httpPort,
    sse: transports.includes('sse'),
    http: transports.includes('http'),
    behindProxy: environment.MCP_TRUST_PROXY.length > 0,
  };
  try {
    const doors = await openDoors(plan, app);
    const { port: mainPort, extraPorts } = doors;
    tellPorts(logger, [port, ssePort, httpPort], { port: mainPort, ...extraPorts, host, transports }, 'listening');
    return doors;
  } catch (error) {
    const reason = portProblem(error);
    if (reason === undefined) throw error;
    const message = `A porta ${port} em ${host} não pôde ser aberta (${reason}).`;
    if (!servedOtherwise) {
      throw new ConfigurationError(`${message} Escolha outra com MCP_PORT ou --port; 0 pega uma livre.`);
    }
    logger.warn({ port, reason }, `${message} O stdio continua; HTTP e SSE não estão disponíveis neste processo.`);
    return undefined;
  }
}
