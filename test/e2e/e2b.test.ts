// The built program, E2B's own SDK, the real supergateway and a package of others: only E2B itself is a stand-in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { FakeE2b } from '../support/e2b-server.ts';
import { isNpmReachable, npmVariables } from '../support/npm-reachable.ts';
import { startBench } from '../support/program.ts';

const token = 'token-de-administracao-do-hub-0001';

it.skipIf(!(await isNpmReachable()))(
  'a package of others behind the real supergateway, with arguments and variables of every kind',
  async () => {
    const { HOME, ...environment } = npmVariables;
    const e2b = await FakeE2b.start({
      environment: { ...environment, ...(HOME === undefined ? {} : { npm_config_userconfig: join(HOME, '.npmrc') }) },
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2e-e2b-'));
    const bench = await startBench();
    try {
      const program = bench.run(['serve', '--transports', 'http'], {
        HUB_ENABLED: 'true',
        HUB_ADMIN_TOKEN: token,
        HUB_DATA_DIR: dataDir,
        HUB_START_TIMEOUT_SECONDS: '200',
        ...npmVariables,
        ...e2b.variables,
      });
      const origin = `http://127.0.0.1:${await program.port()}`;
      const ask = async (method: string, path: string, body?: object) => {
        const response = await fetch(`${origin}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return JSON.parse(await response.text());
      };
      const weird = `it's $(touch pwned) "x" \`id\` ; exit 9`;
      const { id } = await ask('POST', '/api/deploy', {
        package: '@modelcontextprotocol/server-memory@2026.8.31',
        method: 'e2b',
        args: [weird],
        env: { MEMORY_FILE_PATH: './memória de hoje.jsonl' },
      });
      const until = async () => {
        const server = await ask('GET', `/api/servers/${id}`);
        expect(['deployed', 'failed']).toContain(server.status);
        return server;
      };
      const server = await vi.waitFor(until, { timeout: 200_000, interval: 250 });
      const logs = JSON.stringify(await ask('GET', `/api/servers/${id}/logs`));
      expect([server.status, server.error], logs).toEqual(['deployed', undefined]);
      const create = { entities: [{ name: 'Alfa', entityType: 'empresa', observations: [] }] };
      const call = (tool: string, args: object) => ask('POST', '/api/invoke', { server_id: id, tool_name: tool, args });
      expect(await call('create_entities', create)).toMatchObject({ is_error: false });
      expect(JSON.stringify(await call('read_graph', {}))).toContain('Alfa');
      // What passes between the two is nobody's log.
      expect(JSON.stringify(await ask('GET', `/api/servers/${id}/logs`))).not.toContain('Alfa');
      await fetch(`${origin}/api/servers/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
      expect(e2b.sandboxes.size).toBe(0);
    } finally {
      await bench.close();
      await e2b.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
  240_000,
);
