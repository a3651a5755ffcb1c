/**
 * What the database holds, and how it comes to be there. Everything that lasts a minute is UNLOGGED: no disk is waited for,
 * and what a crash of PostgreSQL takes away the replicas tell it again (`postgres-budget.ts`).
 */
import type { ClientBase } from 'pg';
import { TAKE_FUNCTION } from './take-function.ts';

/** Raised with every change below; changes only add, since replicas of two versions run side by side during an update. */
export const SCHEMA_VERSION = 1;

/** Any number, as long as nobody else in the database locks it: "omie" in ASCII, and what it is for. */
const MIGRATION_LOCK = [0x6f6d6965, 1];

const TABLES = `
CREATE SCHEMA IF NOT EXISTS omie_mcp_hub;
CREATE TABLE IF NOT EXISTS omie_mcp_hub.schema_version (version integer NOT NULL);
CREATE UNLOGGED TABLE IF NOT EXISTS omie_mcp_hub.calls (
  ticket text PRIMARY KEY,
  replica text NOT NULL,
  address text NOT NULL,
  company text NOT NULL,
  lane text NOT NULL,
  at timestamptz NOT NULL,
  held_until timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS calls_address ON omie_mcp_hub.calls (address, at);
CREATE INDEX IF NOT EXISTS calls_company ON omie_mcp_hub.calls (company, at);
CREATE INDEX IF NOT EXISTS calls_lane ON omie_mcp_hub.calls (lane, at);
CREATE UNLOGGED TABLE IF NOT EXISTS omie_mcp_hub.pauses (
  address text NOT NULL,
  lane text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (address, lane)
);
CREATE UNLOGGED TABLE IF NOT EXISTS omie_mcp_hub.replies (
  question text PRIMARY KEY,
  lease text NOT NULL,
  arrived_at timestamptz,
  expires_at timestamptz NOT NULL,
  body bytea
);
CREATE INDEX IF NOT EXISTS replies_expiry ON omie_mcp_hub.replies (expires_at);
CREATE TABLE IF NOT EXISTS omie_mcp_hub.session_values (
  principal text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (principal, key)
);
CREATE INDEX IF NOT EXISTS session_values_expiry ON omie_mcp_hub.session_values (expires_at);
`;

/**
 * Brings the schema up to this version, once, whichever replica comes first. A role without CREATE will do when the schema
 * is already there (docs/scaling.md).
 */
export async function migrate(client: ClientBase): Promise<void> {
  if (await isCurrent(client)) return;
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', MIGRATION_LOCK);
    if (!(await isCurrent(client))) {
      await client.query(TABLES);
      await client.query(TAKE_FUNCTION);
      await client.query('DELETE FROM omie_mcp_hub.schema_version');
      await client.query('INSERT INTO omie_mcp_hub.schema_version VALUES ($1)', [SCHEMA_VERSION]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function isCurrent(client: ClientBase): Promise<boolean> {
  const found = await client.query("SELECT to_regclass('omie_mcp_hub.schema_version') IS NOT NULL AS there");
  if (found.rows[0]?.there !== true) return false;
  const { rows } = await client.query('SELECT max(version) >= $1 AS current FROM omie_mcp_hub.schema_version', [
    SCHEMA_VERSION,
  ]);
  return rows[0]?.current === true;
}
