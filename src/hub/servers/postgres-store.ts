/** The registry in PostgreSQL, for hubs whose disk does not outlive them. */
import type { Pool } from 'pg';
import { codeOf, reasonOf } from '../../coordination/postgres/link.ts';
import { ConfigurationError } from '../../errors.ts';
import { HubError } from '../problem.ts';
import { type ServerRecord, serverRecordSchema } from './server-record.ts';
import type { ServerStore } from './server-store.ts';

const TABLE = `
CREATE SCHEMA IF NOT EXISTS omie_mcp_hub;
CREATE TABLE IF NOT EXISTS omie_mcp_hub.hub_servers (
  id text PRIMARY KEY,
  record jsonb NOT NULL,
  created_at timestamptz NOT NULL
)`;

const SAVE = `
INSERT INTO omie_mcp_hub.hub_servers (id, record, created_at) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET record = excluded.record`;

/** Loads its library only here: most hubs have no database. */
export async function openPostgresStore(url: string): Promise<ServerStore> {
  const { default: pg } = await import('pg');
  const pool: Pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  // A connection lost while nobody used it: the next statement opens another.
  pool.on('error', () => {});
  return {
    async load() {
      try {
        await pool.query(TABLE);
        const { rows } = await pool.query('SELECT record FROM omie_mcp_hub.hub_servers ORDER BY created_at, id');
        return rows.map(({ record }: { record: unknown }): ServerRecord => serverRecordSchema.parse(record));
      } catch (cause) {
        await pool.end();
        throw new ConfigurationError('O registro do hub não pôde ser lido do banco de dados.', [], {
          hint: 'Confira DATABASE_URL; sem ele, o registro fica em HUB_DATA_DIR.',
          cause,
        });
      }
    },
    async save(record) {
      await inDatabase(pool.query(SAVE, [record.id, JSON.stringify(record), record.created_at]));
    },
    async remove(id) {
      await inDatabase(pool.query('DELETE FROM omie_mcp_hub.hub_servers WHERE id = $1', [id]));
    },
    close: () => pool.end(),
  };
}

/** Class 22 of SQLSTATE: it is the value, and the same again would be refused again. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;
/** A database that fails over is back after some seconds. */
const TRY_AGAIN_MS = 5_000;

/** Our statements are always the same: what does not carry them out is a value that no jsonb holds, the database, or the way to it. */
async function inDatabase(statement: Promise<unknown>): Promise<void> {
  try {
    await statement;
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== undefined && DATA_EXCEPTION.test(code)) {
      throw new HubError('pedido_recusado', 'O banco de dados não guarda um dos valores deste servidor.', {
        hint: 'Tire de args e env caracteres que não são texto, como U+0000: repetir não adianta.',
        cause,
      });
    }
    throw new HubError('banco_indisponivel', `O registro do hub não pôde ser gravado: ${reasonOf(code)}.`, {
      hint: 'Confira se o banco de DATABASE_URL está no ar e aceita gravações, e repita.',
      retryAfterMs: TRY_AGAIN_MS,
      cause,
    });
  }
}
