import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { gatewayCommand } from '../../../src/cli/gateway.ts';
import { lockFile } from '../../../src/cli/lock-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'locks-'));
const data = join(folder, 'data');
mkdirSync(data);
const file = join(folder, 'gateway.yaml');
writeFileSync(file, 'mcp_servers: {}\n');
const beside = join(folder, 'mcp.lock');
const ofHub = join(data, 'mcp.lock');
const pathFor = (given: string | undefined, variables: Record<string, string>): string =>
  lockFile(given, variables).path;
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('looks where the settings say that pins are kept, and only beside a file that is given', () => {
  const hub = { HUB_ENABLED: 'true', HUB_DATA_DIR: data };
  expect(pathFor(undefined, { GATEWAY_CONFIG: file })).toBe(beside);
  expect(pathFor(undefined, { HUB_DATA_DIR: data })).toBe(ofHub);
  expect(pathFor(undefined, { ...hub, GATEWAY_CONFIG: '' })).toBe(ofHub);
  // A hub beside a gateway file pins beside that file.
  expect(pathFor(undefined, { ...hub, GATEWAY_CONFIG: file })).toBe(beside);
  expect(pathFor(file, {})).toBe(beside);
  expect(pathFor(file, { ...hub, GATEWAY_CONFIG: join(folder, 'other', 'gateway.yaml') })).toBe(beside);
});

it('says what to give where nothing says where, or there is nothing', () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => pathFor(undefined, { HUB_ENABLED: 'false' })).toThrow(
    'GATEWAY_CONFIG; para servidores do hub, HUB_DATA_DIR',
  );
  expect(() => pathFor(undefined, { HUB_DATA_DIR: join(folder, 'none') })).toThrow('a pasta do hub não existe');
  expect(() => pathFor(join(folder, 'none.yaml'), { HUB_DATA_DIR: data })).toThrow('não existe');
});

it('approves in the file that was named alone, and without a name says in which', async () => {
  const pin = (word: string) => ({ sha256: word.repeat(64), definition: { name: 'pagar' } });
  const waiting = { pagar: { ...pin('0'), pending: pin('1') } };
  writeFileSync(beside, JSON.stringify({ version: 1, upstreams: { erp: waiting } }));
  writeFileSync(ofHub, JSON.stringify({ version: 1, upstreams: { 'hub-a': waiting } }));
  const untouched = readFileSync(ofHub, 'utf8');
  vi.stubEnv('GATEWAY_CONFIG', '');
  vi.stubEnv('HUB_ENABLED', 'true');
  vi.stubEnv('HUB_DATA_DIR', data);
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const run = async (...args: string[]) => {
    print.mockClear();
    await gatewayCommand().parseAsync(args, { from: 'user' });
    return print.mock.calls.map(([text]) => String(text)).join('');
  };
  const approved = await run('approve', '--all', '--yes', '--gateway', file);
  expect(approved).toContain('aprovada: erp pagar\n');
  expect(approved).not.toContain('hub-a');
  expect(readFileSync(ofHub, 'utf8')).toBe(untouched);
  expect(await run('list', '--gateway', file)).toBe('ok: erp pagar\n');
  await expect(run('approve', 'hub-a', '--all', '--gateway', file)).rejects.toThrow('não conhece o servidor "hub-a"');

  expect(await run('list')).toBe(`quarentena: hub-a pagar (${ofHub})\n`);
  expect(await run('diff')).toContain(`hub-a pagar (${ofHub})\n`);
  expect(await run('approve', '--all', '--yes')).toContain(`aprovada: hub-a pagar (${ofHub})\n`);
});
