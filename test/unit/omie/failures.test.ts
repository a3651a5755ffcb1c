import { describe, expect, it } from 'vitest';
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { failureOf } from '../../../src/omie/failures.ts';
import { type FaultClass, OmieFault } from '../../../src/omie/faults.ts';

const credentials: CompanyCredentials = {
  company: { id: 'empresa_001', nome: 'Alpha', cnpj: '', ambiente: 'producao', grupos: [] },
  appKey: new Secret('1234567890123'),
  appSecret: new Secret('0123456789abcdef0123456789abcdef'),
};

describe('failureOf', () => {
  it.each<[FaultClass, string, boolean]>([
    ['auth', 'credencial_invalida', false],
    ['blocked', 'omie_bloqueada', true],
    ['rate', 'omie_limite', true],
    ['redundant', 'omie_limite', true],
    ['lock', 'omie_limite', true],
    ['in-flight', 'omie_limite', true],
    ['network', 'omie_indisponivel', true],
    ['server', 'omie_indisponivel', true],
    ['bad-response', 'omie_indisponivel', true],
    ['schema', 'omie_falha', false],
    ['not-found', 'omie_falha', false],
    ['duplicate', 'omie_falha', false],
    ['business', 'omie_falha', false],
  ])('%s is %s', (kind, codigo, again) => {
    const erro = failureOf(new OmieFault(kind, 'segredo'), credentials).toErro();
    expect(erro).toMatchObject({ codigo, tente_novamente: again, empresa: 'empresa_001' });
    expect(erro.mensagem).toContain('Alpha');
    if (codigo !== 'omie_falha') expect(erro.mensagem).not.toContain('segredo');
    if (codigo === 'omie_limite') expect(erro.espera_segundos).toBeGreaterThan(0);
  });

  it('quotes no half of a character, which some clients could not read', () => {
    const { mensagem } = failureOf(new OmieFault('business', `${'x'.repeat(198)}👍🏿`), credentials).toErro();
    expect(mensagem).toBe(`A Omie recusou a consulta da empresa Alpha: ${'x'.repeat(198)}…`);
  });

  it('quotes Omie in one safe line', () => {
    const sentence = `ERROR: chave 1234567890123\u0000\n\u202e <b>e</b> 0123456789abcdef0123456789abcdef ${'x'.repeat(500)}`;
    const { mensagem } = failureOf(new OmieFault('business', sentence), credentials).toErro();
    expect(mensagem).toMatch(/^A Omie recusou a consulta da empresa Alpha: chave \[oculto\] e \[oculto\] x+…$/);
    expect(mensagem.length).toBeLessThan(260);
  });
});
