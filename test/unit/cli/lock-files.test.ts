import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { gatewayCommand } from '../../../src/cli/gateway.ts';
import { lockFiles } from '../../../src/cli/lock-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'locks-'));
const data = join(folder, 'data');
mkdirSync(data);
const file = join(folder, 'gateway.yaml');
writeFileSync(file, 'mcp_servers: {}\n');
const beside = join(folder, 'mcp.lock');
const ofHub = join(data, 'mcp.lock');
const paths = (given: string | undefined, variables: Record<string, string>): string[] =>
  lockFiles(given, variables).map(({ path }) => path);
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('looks where the settings say that pins are kept', () => {
  expect(paths(file, {})).toEqual([beside]);
  expect(paths(undefined, { GATEWAY_CONFIG: file })).toEqual([beside]);
  expect(paths(undefined, { HUB_DATA_DIR: data })).toEqual([ofHub]);
  expect(paths(undefined, { HUB_ENABLED: 'true', HUB_DATA_DIR: data, GATEWAY_CONFIG: '' })).toEqual([ofHub]);
  expect(paths(file, { HUB_ENABLED: 'true', HUB_DATA_DIR: data })).toEqual([beside, ofHub]);
  // A hub beside a gateway file pins beside that file.
  expect(paths(undefined, { HUB_ENABLED: 'true', HUB_DATA_DIR: data, GATEWAY_CONFIG: file })).toEqual([beside]);
});

it('says what to give where nothing says where, or there is nothing', () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => paths(undefined, { HUB_ENABLED: 'false' })).toThrow(
    'GATEWAY_CONFIG; para servidores do hub, HUB_DATA_DIR',
  );
  expect(() => paths(undefined, { HUB_DATA_DIR: join(folder, 'none') })).toThrow('a pasta do hub não existe');
  expect(() => paths(join(folder, 'none.yaml'), { HUB_DATA_DIR: data })).toThrow('não existe');
});

it('a server is found in whichever file holds it, and approved there', async () => {
  const pin = (word: string) => ({ sha256: word.repeat(64), definition: { name: 'pagar' } });
  const waiting = { pagar: { ...pin('0'), pending: pin('1') } };
  writeFileSync(beside, JSON.stringify({ version: 1, upstreams: { erp: { pagar: pin('0') } } }));
  writeFileSync(ofHub, JSON.stringify({ version: 1, upstreams: { 'hub-a': waiting } }));
  vi.stubEnv('HUB_ENABLED', 'true');
  vi.stubEnv('HUB_DATA_DIR', data);
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const run = (...args: string[]) => gatewayCommand().parseAsync([...args, '--gateway', file], { from: 'user' });
  await run('approve', 'hub-a', 'pagar');
  await run('list');
  const printed = print.mock.calls.map(([text]) => String(text)).join('');
  expect(printed).toContain('aprovada: hub-a pagar\nok: erp pagar\nok: hub-a pagar\n');
  await expect(run('approve', 'hub-b', '--all')).rejects.toThrow('não conhece o servidor "hub-b"');
});
