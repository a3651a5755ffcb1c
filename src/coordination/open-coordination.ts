import type { Coordination } from './coordination.ts';
import { MemoryStore } from './memory-store.ts';
import type { PostgresOptions } from './postgres/open-postgres.ts';

/** Through PostgreSQL where there is one, else this process's own memory. Never throws for a database that is away. */
export async function openCoordination(postgres: PostgresOptions | undefined): Promise<Coordination> {
  if (postgres === undefined) return alone();
  // Loaded only here: most installations have no database.
  const { openPostgres } = await import('./postgres/open-postgres.ts');
  return openPostgres(postgres);
}

function alone(): Coordination {
  return {
    omie: undefined,
    store: new MemoryStore(),
    announce() {},
    onAnnounced() {},
    problem: () => undefined,
    async close() {},
  };
}
