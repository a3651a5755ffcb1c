// The keys of every company, in every form they could take, searched in everything that leaves the process.
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';
import {
  authFault,
  blocked,
  brokenResponse,
  html200,
  htmlError,
  resetBeforeHeaders,
  truncatedJson,
} from '../../src/simulator/faults.ts';
import { startHouse } from '../support/house.ts';

const forms = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(secret),
  ];
};

it('no answer, error, resource or log line holds a key, whatever fails, at debug level', async () => {
  const house = await startHouse({ variables: { MCP_LOG_LEVEL: 'trace', ENABLE_METRICS: 'true', METRICS_PORT: '0' } });
  const seen: string[] = [];
  const client = new Client({ name: 'reader', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)));
  const old = new Client({ name: 'old', version: '1.0.0' });
  await old.connect(new SSEClientTransport(new URL(`${house.origin}/sse`)));

  const faults = [
    undefined,
    authFault(),
    blocked(60),
    brokenResponse(),
    html200(),
    htmlError(502),
    resetBeforeHeaders(),
    truncatedJson(),
  ];
  for (const [index, fault] of faults.entries()) {
    const company_id = `empresa_00${(index % 3) + 1}`;
    if (fault !== undefined) house.simulator.faults.next('*', fault, { times: 1 });
    for (const speaker of [client, old]) {
      for (const name of [
        'listar_empresas',
        'consultar_contas_pagar_empresa',
        'consultar_categorias_empresa',
        'reload_credenciais',
      ]) {
        const args = name.startsWith('consultar') ? { company_id } : {};
        seen.push(JSON.stringify(await speaker.callTool({ name, arguments: args })));
      }
    }
    const read = await client
      .readResource({ uri: `omie://dashboard/${company_id}` })
      .catch((error: unknown) => String(error));
    seen.push(JSON.stringify(read));
  }
  seen.push(await (await fetch(`${house.origin}/tools`)).text(), await (await fetch(`${house.origin}/health`)).text());
  const metricsPort = /"metricsPort":(\d+)/.exec(house.log.join(''))?.[1];
  seen.push(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
  await client.close();
  await old.close();
  const secrets = house.simulator.companies.flatMap(({ appKey, appSecret }) => [appKey, appSecret]).flatMap(forms);
  const everything = [...seen, ...house.log].join('\n');
  await house.close();
  expect(everything.length).toBeGreaterThan(10_000);
  expect(seen.at(-1)).toContain('omie_mcp_tool_call_seconds');
  for (const secret of secrets) expect(everything).not.toContain(secret);
}, 60_000);
