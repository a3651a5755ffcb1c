import { describe, expect, it } from 'vitest';
import { waitInHeader, waitInSentence } from '../../../src/omie/fault-waits.ts';
import { type FaultClass, faultInBody, faultOfStatus, mayHoldFault } from '../../../src/omie/faults.ts';

/** 15:00:00 in Brasília. */
const NOW = Date.UTC(2026, 10, 20, 18);

const fault = (faultcode: string, faultstring: string, status = 500) =>
  faultInBody({ faultcode, faultstring }, status, NOW);

describe('a fault is told by its body, whatever the status', () => {
  it.each<[FaultClass, string, string, number?]>([
    ['empty', 'SOAP-ENV:Client-5113', 'ERROR: Não existem registros para a página [1]!'],
    ['empty', 'SOAP-ENV:Client-101', 'Nenhuma conta corrente foi encontrada!'],
    ['empty', 'SOAP-ENV:Client-5094', 'ERROR: Nenhum registro foi encontrado!'],
    ['not-found', 'SOAP-ENV:Client-5113', 'Registro não encontrado!'],
    ['auth', 'SOAP-ENV:Server', 'A chave de acesso está inválida ou o aplicativo está suspenso.', 403],
    ['auth', 'SOAP-ENV:Server', 'A chave de acesso está inválida ou o aplicativo está suspenso.', 500],
    ['auth', 'SOAP-ENV:Client-101', 'ERROR: A chave de acesso (app_key) ou o app_secret está inválido!'],
    ['auth', '', 'The authentication data are invalid'],
    ['auth', '', 'Omie API is not enabled for this application'],
    ['redundant', 'SOAP-ENV:Client-6', 'ERROR: Consumo redundante detectado. Aguarde 42 segundos (REDUNDANT).'],
    ['lock', 'SOAP-ENV:Client-1880', 'ERROR: Já existe uma requisição desse método sendo executada (1)'],
    ['in-flight', 'SOAP-ENV:Client-8020', 'ERROR: Esta requisição já foi processada ou está sendo processada (1)'],
    ['in-flight', 'SOAP-ENV:Client-1100', 'ERROR: Esta requisição já foi processada ou está sendo processada (1)'],
    ['business', 'SOAP-ENV:Client-1100', 'ERROR: Outra validação qualquer'],
    [
      'blocked',
      'MISUSE_API_PROCESS',
      'ERROR: API bloqueada por consumo indevido. Tente novamente em 1678 segundos.',
      425,
    ],
    ['blocked', 'SOAP-ENV:Server', 'ERROR: API bloqueada por consumo indevido.', 200],
    ['rate', 'SOAP-ENV:Server', 'Too Many Requests', 429],
    ['schema', 'SOAP-ENV:Client-5001', 'ERROR: Tag [DEPARTAMENTOS] não faz parte da estrutura do tipo complexo [x]!'],
    ['schema', 'SOAP-ENV:Client-71', 'ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!'],
    ['schema', 'SOAP-ENV:Client', 'ERROR: Invalid JSON Object!'],
    ['schema', 'SOAP-ENV:Client', 'ERROR: JSON request with SyntaxError!'],
    ['schema', 'SOAP-ENV:Client', 'ERROR: Method "Listar" not exists!'],
    ['schema', 'SOAP-ENV:Client-1000', 'ERROR: O preenchimento da tag [x] é obrigatório!'],
    ['schema', 'SOAP-ENV:Client-1020', 'ERROR: Tag condicional [x]'],
    ['schema', 'SOAP-ENV:Client-105', 'ERROR: O valor informado na tag [x] é inválido! Valores aceitos: A, B.'],
    ['not-found', 'SOAP-ENV:Client-105', 'ERROR: Cliente não cadastrado para o Código [999] !'],
    ['not-found', 'SOAP-ENV:Client-103', 'ERROR: Lançamento não cadastrado para o Código de Integração [X] !'],
    ['not-found', 'SOAP-ENV:Client-1035', 'ERROR: Projeto não cadastrado!'],
    ['not-found', 'SOAP-ENV:Client-832', 'ERROR: Conta desconhecida'],
    ['duplicate', 'SOAP-ENV:Client-102', 'ERROR: Cliente já cadastrado para o CPF/CNPJ [1] com o Id [2] ! (add)'],
    ['duplicate', 'SOAP-ENV:Client-143', 'ERROR: Descrição em uso'],
    ['business', 'SOAP-ENV:Client-102', 'ERROR: A data é anterior ao fechamento'],
    ['business', 'SOAP-ENV:Client-9090', 'ERROR: qualquer coisa'],
    ['server', 'SOAP-ENV:Server', 'SOAP-ERROR: Broken response from Application Server (BG)'],
    ['server', 'SOAP-ENV:Server', 'SOAP-ERROR: Broken response from Application Server (4)', 200],
  ])('%s: %s %s', (kind, code, text, status) => {
    expect(fault(code, text, status)?.kind).toBe(kind);
  });

  it.each([
    ['SOAP-ERROR: Broken response from Application Server (BG)', true],
    ['Application Server is restarting', false],
    ['SOAP-ERROR: Encoding: object has no property', false],
    ['Internal error', false],
  ])('%s: too heavy is %s', (sentence, tooHeavy) => {
    expect(fault('SOAP-ENV:Server', sentence)).toMatchObject({ kind: 'server', retryable: true, tooHeavy });
  });

  it('sees no fault where there is no faultstring of the body itself', () => {
    expect(faultInBody({ registros: 1 }, 500, NOW)).toBeUndefined();
    expect(faultInBody(Object.create({ faultstring: 'x' }), 200, NOW)).toBeUndefined();
  });

  it('is seen from afar, but for a page with rows', () => {
    const fault = '{"faultstring":"ERROR: x","faultcode":"SOAP-ENV:Client-6"}';
    expect(mayHoldFault({ status: 200, text: fault })).toBe(true);
    expect(mayHoldFault({ status: 500, text: '{}' })).toBe(true);
    expect(mayHoldFault({ status: 200, text: '{"pagina":1}' })).toBe(false);
    expect(mayHoldFault({ status: 200, text: `{"descricao":"faultstring${' '.repeat(20_000)}"}` })).toBe(false);
  });

  it('reads the wait in the sentence', () => {
    expect(fault('SOAP-ENV:Client-6', 'Aguarde 42 segundos (REDUNDANT)')?.waitMs).toBe(42_000);
    expect(fault('MISUSE_API_PROCESS', 'Tente novamente em 1678 segundos.', 425)?.waitMs).toBe(1_678_000);
    expect(fault('MISUSE_API_PROCESS', 'Bloqueada.', 425)?.waitMs).toBe(1_800_000);
    expect(fault('SOAP-ENV:Client-8020', 'tentar novamente às 15:00:20. (1)')?.waitMs).toBe(20_000);
    expect(fault('SOAP-ENV:Client-102', 'Aguarde 42 segundos')?.waitMs).toBeUndefined();
  });
});

describe('a status speaks where the body does not', () => {
  it.each<[FaultClass | undefined, number, (string | undefined)?, (number | undefined)?]>([
    [undefined, 200],
    ['blocked', 425, undefined, 1_800_000],
    ['rate', 429, undefined, 60_000],
    ['rate', 429, '5', 5_000],
    ['rate', 429, 'garbage', undefined],
    ['auth', 401],
    ['auth', 403],
    ['server', 500],
    ['server', 502],
    ['server', 503, '7', 7_000],
    ['bad-response', 301],
    ['bad-response', 404],
    ['bad-response', 413],
  ])('%s for %s with Retry-After %s', (kind, status, retryAfter, waitMs) => {
    const found = faultOfStatus(status, retryAfter, NOW);
    expect(found?.kind).toBe(kind);
    if (waitMs !== undefined || retryAfter !== undefined) expect(found?.waitMs).toBe(waitMs);
  });
});

describe('waits', () => {
  it.each([
    ['10', 10_000],
    ['0', 0],
    ['1000000000', 3_600_000],
    ['1e9', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['Fri, 20 Nov 2026 18:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2020 18:00:30 GMT', undefined],
    ['Fri, 20 Nov 2096 18:00:30 GMT', 3_600_000],
  ])('Retry-After %j is %s ms', (header, ms) => {
    expect(waitInHeader(header, NOW)).toBe(ms);
  });

  it.each([
    ['às 15:10:00', 600_000],
    ['às 14:59:58', 0],
    ['às 02:00:00', 3_600_000],
    ['às 99:99:99', undefined],
    ['em alguns instantes', undefined],
    ['Aguarde 99999999999 segundos', 3_600_000],
  ])('%j is %s ms in Brasília', (sentence, ms) => {
    expect(waitInSentence(sentence, NOW)).toBe(ms);
  });

  it('knows that a time of day far behind means tomorrow', () => {
    expect(waitInSentence('às 00:00:10', Date.UTC(2026, 10, 21, 2, 59, 50))).toBe(20_000);
  });
});
