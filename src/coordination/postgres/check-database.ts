import { z } from 'zod';
import { reasonOf } from './link.ts';
import { migrate, SCHEMA_VERSION } from './schema.ts';

export type DatabaseFinding =
  /** `version`: PostgreSQL's own, e.g. `15.18`. */
  | { readonly kind: 'ok'; readonly version: string; readonly schemaVersion: number; readonly replicas: number }
  /** Portuguese, without the URL or any part of it. */
  | { readonly kind: 'problem'; readonly what: string; readonly advice: string };

const CONNECT_MS = 5_000;
const STATEMENT_MS = 5_000;

/**
 * Whether the database of `DATABASE_URL` does for sharing: reachable, with the rights it takes and the schema in place
 * (made if it was not there). `replicas`: how many listen now. Never throws.
 */
export async function checkDatabase(url: string): Promise<DatabaseFinding> {
  const { Client } = (await import('pg')).default;
  const client = new Client({
    connectionString: url,
    application_name: 'omie-mcp-hub doctor',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await migrate(client);
    const { rows } = await client.query(LOOK);
    const { version, replicas } = looked.parse(rows[0]);
    return { kind: 'ok', version, schemaVersion: SCHEMA_VERSION, replicas };
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    return { kind: 'problem', what: reasonOf(code), advice: adviceFor(code) };
  } finally {
    await client.end().catch(() => {});
  }
}

/** A replica's listening connection says LISTEN last, and nothing else. */
const LOOK = `
  SELECT current_setting('server_version') AS version,
    (SELECT count(*)::integer FROM pg_stat_activity
      WHERE application_name = 'omie-mcp-hub' AND query LIKE 'LISTEN%' AND datname = current_database()) AS replicas,
    (SELECT count(*) FROM omie_mcp_hub.calls) AS readable`;

const looked = z.object({ version: z.string(), replicas: z.number().int() });

function adviceFor(code: string | undefined): string {
  if (code === '28P01' || code === '28000') return 'Confira usuário e senha na DATABASE_URL.';
  if (code === '3D000') return 'Crie o banco ou corrija o nome no fim da DATABASE_URL.';
  if (code === '42501') return 'Dê CREATE no banco, ou crie o esquema antes: veja docs/scaling.md.';
  return 'Confira se o banco está no ar e se host, porta e TLS da DATABASE_URL estão certos.';
}
