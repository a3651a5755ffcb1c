/** The registry as a hub opens it: its data folder held, its store open, what was kept read. */
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import type { Secret } from '../../logging/secret.ts';
import { holdDataFolder } from './data-folder.ts';
import { FileStore } from './file-store.ts';
import { ServerList } from './server-list.ts';
import type { ServerStore } from './server-store.ts';

export interface OpenServersParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly databaseUrl?: Secret | undefined;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface OpenServers {
  readonly servers: ServerList;
  /** What was told is written by then, and the folder is another hub's to hold. */
  close(): Promise<void>;
}

/** @throws ConfigurationError when the folder or the registry cannot be used; nothing is held then */
export async function openServers(parts: OpenServersParts): Promise<OpenServers> {
  const folder = await holdDataFolder(parts.dataDir, parts.logger);
  try {
    const servers = await readServers(parts);
    return {
      servers,
      async close() {
        await servers.close().finally(() => folder.release());
      },
    };
  } catch (error) {
    await folder.release();
    throw error;
  }
}

async function readServers({ now, logger, ...where }: OpenServersParts): Promise<ServerList> {
  const servers = new ServerList({
    store: await openStore(where),
    now,
    onUnwritten: (err) => logger.error({ err }, 'hub registry not written'),
  });
  await servers.load();
  return servers;
}

async function openStore({
  databaseUrl,
  dataDir,
}: Pick<OpenServersParts, 'databaseUrl' | 'dataDir'>): Promise<ServerStore> {
  if (databaseUrl === undefined) return new FileStore(join(dataDir, 'servers.json'));
  const { openPostgresStore } = await import('./postgres-store.ts');
  return openPostgresStore(databaseUrl.reveal());
}
