// What the gateway would refuse at connect because of what the file itself says: `validate` and `doctor` name it, offline.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkGateway as validate } from '../../../src/cli/validate-gateway.ts';
import { checkGateway as doctor } from '../../../src/doctor/check-gateway.ts';
import { parseGateway } from '../../../src/gateway/config/read-gateway-file.ts';
import { refusedAddresses } from '../../../src/gateway/config/refused-addresses.ts';
import { checkUrl } from '../../../src/gateway/trust/private-address.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (url: string, more = '') => `mcp_servers:\n  erp: {url: "${url}", domains: [sales]${more}}\n`;

async function told(yaml: string) {
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, yaml, { mode: 0o600 });
  const lines: string[] = [];
  const good = await validate({ path, variables: {}, online: false, say: (line) => lines.push(line) });
  const findings = await doctor(path, {}).run();
  return { good, lines, findings };
}

/** Whether the gateway would go there, as far as the file tells. */
function connects(yaml: string): boolean {
  const parsed = parseGateway(Buffer.from(yaml), { file: 'g', baseDir: '/', variables: {} });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const [server] = parsed.content.servers;
  try {
    checkUrl(server?.url ?? '', { allowPrivate: server?.allowPrivateAddress === true, allowPlainHttp: true });
  } catch {
    return false;
  }
  return true;
}

const ALLOWED = ', allow_private_address: true';

it.each<[string, string, string]>([
  ['http://169.254.169.254/mcp', '', 'endereço público'],
  ['http://169.254.169.254/mcp', ALLOWED, 'endereço público'],
  ['http://[fd00:ec2::254]/mcp', ALLOWED, 'endereço público'],
  ['http://2852039166/mcp', '', 'endereço público'],
  ['http://0xa9.0376.43518/mcp', '', 'endereço público'],
  ['http://0.0.0.0/mcp', '', 'endereço público'],
  ['http://10.0.0.1/mcp', '', 'allow_private_address: true'],
  ['https://192.168.0.7./mcp', '', 'allow_private_address: true'],
  ['http://[::ffff:127.0.0.1]/mcp', '', 'allow_private_address: true'],
  ['http://2130706433/mcp', ', allow_private_address: false', 'allow_private_address: true'],
  ['http://localhost:8000/sse', ', allow_private_address: false', 'allow_private_address: true'],
  // Names that mean the inside, or metadata, whatever they lead to; a service of a Compose file is one.
  ['http://database:8000/sse', '', 'allow_private_address: true'],
  ['https://erp.internal/mcp', '', 'allow_private_address: true'],
  ['http://ERP.Local./mcp', '', 'allow_private_address: true'],
  ['http://metadata.google.internal/mcp', ALLOWED, 'endereço público'],
  ['http://metadata/mcp', ALLOWED, 'endereço público'],
])('%s%s is refused, with its place and what to do, and never its value', async (url, more, advice) => {
  const yaml = file(url, more);
  expect(connects(yaml)).toBe(false);
  const { good, lines, findings } = await told(yaml);
  expect(good).toBe(false);
  expect(lines).toEqual([expect.stringMatching(/^erro: mcp_servers\.erp\.url: /)]);
  expect(lines[0]).toContain(advice);
  expect(lines[0]).not.toContain(new URL(url).hostname);
  expect(findings).toMatchObject([{ level: 'erro' }]);
  expect(JSON.stringify(findings)).toContain(advice);
});

it.each([
  ['http://10.0.0.1/mcp', ALLOWED],
  // Loopback that the file says itself is what the operator runs beside the gateway, in any spelling of IPv4.
  ['http://127.0.0.1:8000/mcp', ''],
  ['http://2130706433/mcp', ''],
  ['http://8.8.8.8/mcp', ''],
  ['http://10.0.0.1/mcp', ', disabled: true'],
  ['http://localhost:8000/sse', ''],
  ['http://database:8000/sse', ALLOWED],
  ['https://erp.internal/mcp', ALLOWED],
  // What it leads to is judged when it is resolved.
  ['https://catalogo.example/mcp', ''],
])('%s%s is not', async (url, more) => {
  const { good, lines } = await told(file(url, more));
  expect([good, lines]).toEqual([true, [expect.stringMatching(/^(?:ok|desligado): erp /)]]);
});

it.each(['gateway.example.yaml', 'examples/domains/gateway.yaml'])('nothing of %s is refused', (path) => {
  const parsed = parseGateway(readFileSync(path), { file: path, baseDir: dirname(resolve(path)), variables: {} });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  expect(parsed.content.servers.length).toBeGreaterThan(0);
  expect(refusedAddresses(parsed.content)).toEqual([]);
});
