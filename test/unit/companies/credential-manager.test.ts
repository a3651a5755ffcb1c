import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CredentialManager, type ReloadResult } from '../../../src/companies/credential-manager.ts';
import { CredentialsSource } from '../../../src/companies/credentials-source.ts';
import { CompanyNotFoundError, ConfigurationError, CredentialError } from '../../../src/errors.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { CANARY, entry, file, scratch } from './credential-files.ts';

let folder: ReturnType<typeof scratch>;
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder[Symbol.dispose]());

const write = (content: unknown) => folder.write('credentials.json', content);

function open(content: unknown, scrubber?: SecretScrubber) {
  const source = new CredentialsSource({ path: write(content), variables: {} });
  return new CredentialManager({
    source,
    maxEntries: 10,
    ttlMs: 1_000,
    ...(scrubber === undefined ? {} : { scrubber }),
  });
}

describe('CredentialManager', () => {
  it('does not start on a bad file', () => {
    expect(() => open('[')).toThrow(ConfigurationError);
  });

  it('gives keys, refuses unknown ids, and says why a company is disabled', async () => {
    const manager = open({ a: entry(1), b: entry(2, { app_key: `\${FALTA}` }) });
    expect((await manager.get('a')).appSecret.reveal()).toBe(`${CANARY}-par-1`);
    await expect(manager.get('x')).rejects.toBeInstanceOf(CompanyNotFoundError);
    await expect(manager.get('__proto__')).rejects.toBeInstanceOf(CompanyNotFoundError);
    const refused = manager.get('b');
    await expect(refused).rejects.toBeInstanceOf(CredentialError);
    await expect(refused).rejects.toMatchObject({ company: 'b', message: expect.stringContaining('a variável FALTA') });
    expect(manager.disabled()).toEqual([{ id: 'b', motivo: 'app_key: a variável FALTA não está definida' }]);
    expect(manager.stats()).toMatchObject({ total_requests: 1 });
  });

  it('tells what a reload changed, drops those entries and keeps the others', async () => {
    const manager = open(file(4));
    for (const id of ['empresa_1', 'empresa_2', 'empresa_3', 'empresa_4']) await manager.get(id);
    const heard: ReloadResult[] = [];
    const unsubscribe = manager.onChange((result) => heard.push(result));
    const { empresa_1, empresa_2, empresa_3 } = file(4);
    write({
      empresa_1,
      empresa_2: { ...empresa_2, app_secret: `${CANARY}-novo` },
      empresa_3: { ...empresa_3, nome: 'Outro nome' },
      empresa_5: entry(5),
    });
    const inFlight = manager.get('empresa_2');
    const result = await manager.reload();
    expect(result).toMatchObject({
      changed: true,
      added: ['empresa_5'],
      removed: ['empresa_4'],
      rekeyed: ['empresa_2'],
      updated: ['empresa_3'],
      disabled: [],
    });
    expect(result.companies.map(({ id }) => id)).toEqual(['empresa_1', 'empresa_2', 'empresa_3', 'empresa_5']);
    expect(heard).toEqual([result]);
    expect((await inFlight).appSecret.reveal()).toBe(`${CANARY}-par-2`);
    expect((await manager.get('empresa_2')).appSecret.reveal()).toBe(`${CANARY}-novo`);
    expect((await manager.get('empresa_3')).company.nome).toBe('Outro nome');
    await manager.get('empresa_1');
    expect(manager.stats()).toMatchObject({ misses: 6, hits: 2 });
    await expect(manager.get('empresa_4')).rejects.toBeInstanceOf(CompanyNotFoundError);

    unsubscribe();
    write(file(1));
    await manager.reload();
    expect(heard).toHaveLength(1);
  });

  it('notices nothing in another spelling of the same file', async () => {
    const manager = open(file(2));
    const before = manager.companies();
    write(JSON.stringify(file(2), null, 2));
    expect(await manager.reload()).toMatchObject({ changed: false, added: [], removed: [], rekeyed: [], updated: [] });
    expect(manager.companies()).toBe(before);
  });

  it('a bad file fails the reload with every problem and changes nothing', async () => {
    const manager = open(file(2));
    write({ a: entry(1, { app_key: '' }), b: 1 });
    await expect(manager.reload()).rejects.toMatchObject({ code: 'configuracao_invalida', problems: { length: 2 } });
    expect(manager.companies()).toHaveLength(2);
    expect(manager.status()).toMatchObject({ state: 'degraded', reason: expect.stringContaining('a.app_key') });
    expect((await manager.get('empresa_2')).appKey.reveal()).toBe(`${CANARY}-chave-2`);
  });

  it('teaches the scrubber every key, new ones included and old ones still', async () => {
    const scrubber = new SecretScrubber();
    const manager = open({ a: entry(1) }, scrubber);
    write({ a: entry(1, { app_key: `${CANARY}-rodada` }) });
    await manager.reload();
    expect(scrubber.scrub(`${CANARY}-rodada ${CANARY}-chave-1 ${CANARY}-par-1`)).toBe(
      '[redacted] [redacted] [redacted]',
    );
  });
});
