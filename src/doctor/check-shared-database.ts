import { checkDatabase } from '../coordination/postgres/check-database.ts';
import type { Secret } from '../logging/secret.ts';
import { type Check, ok, problem, warning } from './finding.ts';

/** The database that replicas share: reachable, with the rights it takes; and no more replicas on it than were planned for. */
export function checkSharedDatabase(url: Secret | undefined, planned: number): Check {
  return {
    name: 'banco de dados',
    async run() {
      if (url === undefined) return [ok('banco de dados: nenhum (DATABASE_URL); esta réplica é a única')];
      const found = await checkDatabase(url.reveal());
      if (found.kind === 'problem') return [problem(`banco de dados: ${found.what}`, found.advice)];
      const { version, schemaVersion, replicas } = found;
      const state = ok(`banco de dados: PostgreSQL ${version}, esquema ${schemaVersion}, ${replicas} réplica(s) no ar`);
      if (replicas <= planned) return [state];
      const advice = 'Ajuste MCP_REPLICAS: sem o banco, as réplicas passariam juntas dos limites do Omie.';
      return [state, warning(`há ${replicas} réplicas no ar e MCP_REPLICAS diz ${planned}`, advice)];
    },
  };
}
