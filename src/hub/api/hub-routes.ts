/** Every route below `/api`, in the order in which the documents show them. */
import type { Principal } from '../../companies/principal.ts';
import type { Deployments } from '../deploy/deployments.ts';
import type { PlanDigests } from '../deploy/plan-digest.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { HouseView } from '../live/overview.ts';
import type { Mounting } from '../mounting.ts';
import type { Orchestrator } from '../orchestration/orchestrator.ts';
import type { InvokeTool } from '../servers/invoke-tool.ts';
import type { ServerList } from '../servers/server-list.ts';
import type { Route } from './route.ts';
import { deleteServerRoute } from './routes/delete-server.ts';
import { deployRoute } from './routes/deploy.ts';
import { discoverRoute } from './routes/discover.ts';
import { eventsRoute } from './routes/events.ts';
import { getServerRoute } from './routes/get-server.ts';
import { invokeRoute } from './routes/invoke.ts';
import { listServersRoute } from './routes/list-servers.ts';
import { orchestrateRoute } from './routes/orchestrate.ts';
import { overviewRoute } from './routes/overview.ts';
import { serverLogsRoute } from './routes/server-logs.ts';
import { serverToolsRoute } from './routes/server-tools.ts';
import { startServerRoute } from './routes/start-server.ts';
import { stopServerRoute } from './routes/stop-server.ts';

export interface HubRoutesParts {
  readonly discovery: Discovery;
  readonly deployments: Deployments;
  readonly servers: ServerList;
  readonly mounting: Mounting;
  readonly house: HouseView;
  readonly digests: PlanDigests;
  readonly invoke: InvokeTool;
  readonly orchestrator: Orchestrator;
  /** In whose name all is done. */
  readonly principal: Principal;
  readonly now: () => Date;
}

export function hubRoutes(parts: HubRoutesParts): readonly Route[] {
  const { discovery, deployments, servers, mounting, house, digests, invoke, orchestrator, principal, now } = parts;
  return [
    discoverRoute(discovery, { deployments, now }),
    deployRoute({ deployments, digests, caller: principal.id, now }),
    listServersRoute(servers),
    getServerRoute(servers, deployments),
    deleteServerRoute(deployments),
    startServerRoute(deployments),
    stopServerRoute(deployments),
    serverLogsRoute(deployments),
    invokeRoute(invoke),
    orchestrateRoute(orchestrator, principal),
    serverToolsRoute(servers, mounting),
    overviewRoute(house),
    eventsRoute({ servers, deployments, mounting, house }),
  ];
}
