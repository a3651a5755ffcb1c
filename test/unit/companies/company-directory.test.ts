import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompanyDirectory } from '../../../src/companies/company-directory.ts';
import { CredentialManager } from '../../../src/companies/credential-manager.ts';
import { CredentialsSource } from '../../../src/companies/credentials-source.ts';
import { fullAccess } from '../../../src/companies/principal.ts';
import { type AppError, CompanyNotFoundError, CredentialError } from '../../../src/errors.ts';
import { cnpj, entry, scratch, seesOnly } from './credential-files.ts';

let folder: ReturnType<typeof scratch>;
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder[Symbol.dispose]());

const all = fullAccess('teste');

function open(content: unknown) {
  const source = new CredentialsSource({ path: folder.write('credentials.json', content), variables: {} });
  const manager = new CredentialManager({ source, maxEntries: 10, ttlMs: 1_000 });
  return { manager, directory: new CompanyDirectory(manager) };
}

function refusal(act: () => unknown): AppError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof CompanyNotFoundError || thrown instanceof CredentialError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

const trades = {
  alfa: entry(1, { nome: 'São João Comércio' }),
  beta: entry(2, { nome: 'Beta Serviços' }),
  gama: entry(3, { nome: 'Água & Cia' }),
};

describe('CompanyDirectory.resolve', () => {
  it.each([
    ['alfa', 'alfa'],
    ['ALFA', 'alfa'],
    [' alfa ', 'alfa'],
    ['sao joao comercio', 'alfa'],
    ['  SÃO   JOÃO COMÉRCIO ', 'alfa'],
    ['agua & cia', 'gama'],
    [cnpj(2), 'beta'],
    [cnpj(2).replace(/^(..)(...)(...)(....)(..)$/, ' $1.$2.$3/$4-$5 '), 'beta'],
  ])('finds %j', (reference, id) => {
    expect(open(trades).directory.resolve(reference, all).id).toBe(id);
  });

  it.each(['', ' ', 'alf', 'São João', cnpj(9), '__proto__', 'constructor', 'x'.repeat(100_000)])(
    'refuses %.40j',
    (reference) => {
      expect(refusal(() => open(trades).directory.resolve(reference, all)).code).toBe('empresa_nao_encontrada');
    },
  );

  it('prefers an id to another company’s nome', () => {
    const { directory } = open({ a: entry(1, { nome: 'b' }), b: entry(2) });
    expect(directory.resolve('B', all).id).toBe('b');
    expect(directory.resolve('b', seesOnly('a')).id).toBe('a');
  });

  it('names the nearest, at most five, closest first', () => {
    const others = Object.fromEntries([11, 12, 13, 14, 15].map((number) => [`loja_${number}`, entry(number)]));
    const hint = refusal(() => open({ ...trades, ...others }).directory.resolve('beta servico', all)).hint ?? '';
    expect(hint).toMatch(/^As mais próximas: beta \(Beta Serviços\); /);
    expect(hint.split(';')).toHaveLength(5);
  });

  it.each([
    ['long, through no character', `${'x'.repeat(78)}👍🏿`, `${'x'.repeat(78)}…`],
    ['with half a character', 'loja \ud83d', 'loja'],
  ])('says what it did not find: %s', (_how, reference, shown) => {
    const { message } = refusal(() => open(trades).directory.resolve(reference, all));
    expect(message).toBe(`Nenhuma empresa atende por "${shown}".`);
  });

  it('refuses what several answer to, and names them', () => {
    const { directory } = open({ ...trades, delta: entry(4, { nome: 'beta servicos' }) });
    const error = refusal(() => directory.resolve('Beta Serviços', all));
    expect(error.message).toBe('Mais de uma empresa atende por "Beta Serviços".');
    expect(error.hint).toBe('Use o id: beta (Beta Serviços); delta (beta servicos).');
    expect(directory.resolve('Beta Serviços', seesOnly('delta')).id).toBe('delta');
  });

  it.each(['beta', 'BETA', 'Beta Serviços', cnpj(2)])('treats %j out of scope as nonexistent', (reference) => {
    const { beta, ...others } = trades;
    const scope = seesOnly('alfa', 'gama');
    const hidden = refusal(() => open({ ...others, beta }).directory.resolve(reference, scope));
    const absent = refusal(() => open(others).directory.resolve(reference, scope));
    expect(hidden.toErro()).toEqual(absent.toErro());
    expect(JSON.stringify(hidden.toErro()).replace(reference, '')).not.toMatch(/beta/i);
  });

  it('says why a company is disabled, but only to who may see it', () => {
    const { directory } = open({ ...trades, delta: entry(4, { nome: 'Delta', app_key: `\${FALTA}` }) });
    for (const reference of ['delta', 'DELTA', cnpj(4)]) {
      const error = refusal(() => directory.resolve(reference, all));
      expect(error).toBeInstanceOf(CredentialError);
      expect(error.message).toBe('Empresa desativada: app_key: a variável FALTA não está definida.');
      expect(error.company).toBe('delta');
    }
    expect(refusal(() => directory.resolve('delta', seesOnly('alfa')))).toBeInstanceOf(CompanyNotFoundError);
    expect(directory.list(all).map(({ id }) => id)).not.toContain('delta');
  });

  it('follows reloads', async () => {
    const { manager, directory } = open(trades);
    folder.write('credentials.json', { ...trades, beta: entry(2, { nome: 'Novo Nome' }), delta: entry(4) });
    await manager.reload();
    expect(directory.resolve('novo nome', all).id).toBe('beta');
    expect(directory.resolve('delta', all).id).toBe('delta');
    refusal(() => directory.resolve('Beta Serviços', all));
  });

  it('keeps one line of the reference in the message', () => {
    const error = refusal(() => open(trades).directory.resolve(`x\n\u202eIgnore ${'y'.repeat(200)}`, all));
    expect(error.message).not.toMatch(/[\n\u202e]/);
    expect(error.message.length).toBeLessThan(130);
  });
});

describe('CompanyDirectory.named', () => {
  it('knows every company behind a reference, disabled ones too, and suggests nothing', () => {
    const twins = { delta: entry(4, { nome: 'beta servicos' }), off: entry(5, { nome: 'Fora', app_key: `\${FALTA}` }) };
    const { directory } = open({ ...trades, ...twins });
    const ids = (reference: string) => directory.named(reference).map(({ id }) => id);
    expect(ids('alfa')).toEqual(['alfa']);
    expect(ids(cnpj(3))).toEqual(['gama']);
    expect(ids('BETA')).toEqual(['beta']);
    expect(ids('Beta Serviços').sort()).toEqual(['beta', 'delta']);
    expect(ids('fora')).toEqual(['off']);
    for (const nothing of ['', 'alf', '__proto__', 'x'.repeat(100_000)]) expect(ids(nothing)).toEqual([]);
  });
});

describe('CompanyDirectory.list and suggest', () => {
  it('lists by nome, within the scope', () => {
    const { directory } = open(trades);
    expect(directory.list(all).map(({ id }) => id)).toEqual(['gama', 'beta', 'alfa']);
    expect(directory.list(seesOnly('alfa', 'gama')).map(({ id }) => id)).toEqual(['gama', 'alfa']);
  });

  it('suggests what starts with the text before what contains it, within the scope', () => {
    const { directory } = open({ ...trades, servico_x: entry(4, { nome: 'Zeta' }) });
    expect(directory.suggest('SERVIC', all)).toEqual(['servico_x', 'beta']);
    expect(directory.suggest('joão', all)).toEqual(['alfa']);
    expect(directory.suggest('', seesOnly('beta'))).toEqual(['beta']);
    expect(directory.suggest('beta', seesOnly('alfa'))).toEqual([]);
  });
});
