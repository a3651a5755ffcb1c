import type { Deployments } from '../deploy/deployments.ts';
import type { ServerList } from '../servers/server-list.ts';
import { type ServerWithHealth, viewOf } from '../servers/server-record.ts';

/** Every server with its health of now; one whose health cannot be had says so, and hides no other. */
export function readServers(
  servers: ServerList,
  deployments: Pick<Deployments, 'health'>,
): Promise<ServerWithHealth[]> {
  return Promise.all(
    servers.all().map(async (record) => {
      const health = await deployments
        .health(record.id)
        .catch(() => ({ healthy: false, detail: 'a saúde não pôde ser consultada' }));
      return { ...viewOf(servers.find(record.id) ?? record), health };
    }),
  );
}
