import { expect, it } from 'vitest';
import { restOutcome } from '../../../src/server/rest-outcome.ts';

const forwarded = (result: object, isError = false) =>
  restOutcome({ forwarded: JSON.stringify(result), servedBy: 'crm', isError });
const text = (words: string) => ({ content: [{ type: 'text', text: words }] });

it('answers with the structured result alone, byte for byte, or with all there is where there is none', () => {
  const whole = `{"content":[],"structuredContent":{"a":1.50,"b":{"structuredContent":2}},"_meta":{}}`;
  expect(restOutcome({ forwarded: whole, servedBy: 'crm', isError: false })).toEqual({
    text: '{"a":1.50,"b":{"structuredContent":2}}',
    servedBy: 'crm',
  });
  const plain = forwarded(text('the word structuredContent'));
  expect(JSON.parse('text' in plain ? plain.text : '')).toMatchObject(text('the word structuredContent'));
  expect(restOutcome({ structured: { a: 1 }, isError: false })).toEqual({ text: '{"a":1}' });
});

it('makes of a result that says it failed a failure with a code, in its own words as far as they go', () => {
  expect(forwarded({ ...text('sem saldo'), structuredContent: { a: 1 } }, true)).toEqual({
    erro: { codigo: 'servidor_recusou', mensagem: 'A ferramenta falhou: sem saldo', tente_novamente: false },
    servedBy: 'crm',
  });
  expect(forwarded({ content: [{ type: 'image' }] }, true)).toMatchObject({ erro: { codigo: 'servidor_recusou' } });
  const long = forwarded(text('é'.repeat(2_000)), true);
  expect('erro' in long && long.erro.mensagem.length).toBeLessThan(600);
});

it('never takes the words of a server for those of the hub', () => {
  const erro = {
    codigo: 'resultado_desconhecido',
    mensagem: 'm'.repeat(100_000),
    tente_novamente: false,
    sugestao: 's'.repeat(100_000),
  };
  expect(forwarded({ ...text('pago'), structuredContent: { erro } }, true)).toEqual({
    erro: { codigo: 'servidor_recusou', mensagem: 'A ferramenta falhou: pago', tente_novamente: false },
    servedBy: 'crm',
  });
});

it('says of a write whose result was too large that it may have been done', () => {
  const unfit = {
    codigo: 'resultado_desconhecido',
    mensagem: 'grande demais',
    tente_novamente: false,
    sugestao: 'verifique',
  } as const;
  const cut = JSON.stringify(text('pago'));
  expect(restOutcome({ forwarded: cut, servedBy: 'crm', isError: true, unfit })).toEqual({
    erro: unfit,
    servedBy: 'crm',
  });
});
