import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type ReportOptions, runReport } from '../../../src/clients/http-report.ts';
import { textWidth } from '../../../src/clients/text-width.ts';
import { categories, type FakeCompany, failure, titles } from '../../support/fake-mcp-server.ts';
import { freePort, startFake, Terminal, until } from './client-desk.ts';

const alpha: FakeCompany = {
  id: 'alpha',
  nome: 'Empresa Alpha LTDA',
  categorias: categories(42),
  pagar: titles(3, 1234.56),
  receber: titles(12, 99_999.1),
};
const failing: FakeCompany = {
  id: 'beta',
  nome: 'Beta Comércio',
  categorias: failure('omie_indisponivel', 'A Omie não respondeu.'),
  pagar: failure('omie_indisponivel', 'A Omie não respondeu.'),
  receber: failure('omie_indisponivel', 'A Omie não respondeu.'),
};
const onePage: FakeCompany = {
  id: 'gama',
  nome: 'Gama',
  pagar: titles(50, 700, { abrangencia: 'pagina', total: 80, completo: false, proxima_pagina: 2 }),
  receber: titles(1, 0.05),
};

const patience = { limitMs: 60_000, startLimitMs: 60_000, reconnect: { firstDelayMs: 5, maxDelayMs: 50 } };

function desk(url: string, more: Partial<ReportOptions> = {}) {
  const [out, err, controller] = [new Terminal(), new Terminal(), new AbortController()];
  const now = () => new Date('2026-11-20T15:00:00-03:00');
  const options = { url, json: false, out, err, signal: controller.signal, now, patience, ...more };
  return { out, err, controller, run: () => runReport(options) };
}

test('shows each company, sums only complete answers, and says the total is partial', async () => {
  const fake = await startFake({ companies: [alpha, failing, onePage] });
  const { out, err, run } = desk(fake.mcpUrl);
  expect(await run()).toEqual({ exitCode: 1 });
  expect(out.text).toMatchInlineSnapshot(`
    "Vencidos por empresa em 20/11/2026, 15:00:00 (horário de Brasília)

    Empresa                   Categ.   Qtd  A pagar vencido   Qtd  A receber vencido
    ────────────────────────────────────────────────────────────────────────────────
    Empresa Alpha LTDA            42     3      R$ 1.234,56    12       R$ 99.999,10
    Beta Comércio             falhou: omie_indisponivel: A Omie não respondeu.
    Gama                           3  ≥ 50      ≥ R$ 700,00     1            R$ 0,05
    ────────────────────────────────────────────────────────────────────────────────
    TOTAL (parcial)             ≥ 45   ≥ 3    ≥ R$ 1.234,56  ≥ 13     ≥ R$ 99.999,15

    Total parcial (1 com falha; 1 com resposta incompleta): só respostas completas
    entram na soma. "≥" marca valores que são apenas o mínimo.
    "
  `);
  expect(err.text).toBe('');
  for (const line of out.lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  expect(fake.openSessions).toBe(0);
});

test('asks exactly the three questions, for overdue titles only', async () => {
  const fake = await startFake({ companies: [alpha] });
  expect(await desk(fake.mcpUrl).run()).toEqual({ exitCode: 0 });
  expect(fake.calls).toEqual([
    { tool: 'listar_empresas', args: {} },
    { tool: 'consultar_categorias_empresa', args: { company_id: 'alpha' } },
    { tool: 'consultar_contas_pagar_empresa', args: { company_id: 'alpha', apenas_vencidas: true } },
    { tool: 'consultar_contas_receber_empresa', args: { company_id: 'alpha', apenas_vencidas: true } },
  ]);
});

test('--json is one document with null for what was not answered', async () => {
  const fake = await startFake({
    companies: [alpha, { ...alpha, id: 'b', receber: failure('omie_limite', 'Espere.') }],
  });
  const { out, run } = desk(fake.mcpUrl, { json: true });
  expect(await run()).toEqual({ exitCode: 1 });
  const document = JSON.parse(out.text);
  expect(document.gerado_em).toBe('2026-11-20T18:00:00.000Z');
  expect(document.empresas[0].pagar).toEqual({
    quantidade: 3,
    saldo_em_aberto: 1234.56,
    completo: true,
    abrangencia: 'consulta',
  });
  expect(document.empresas[1]).toMatchObject({
    receber: null,
    erro: { codigo: 'omie_limite', mensagem: 'Espere.', em: ['receber'] },
  });
  expect(document.totais).toEqual({
    categorias: 84,
    pagar: { quantidade: 6, saldo_em_aberto: 2469.12, completo: true },
    receber: { quantidade: 12, saldo_em_aberto: 99_999.1, completo: false },
    completo: false,
  });
});

test.each([
  ['a page only', { abrangencia: 'pagina' }],
  ['a stated loss', { completo: false, motivo_incompleto: 'limite da Omie' }],
  ['a loss with a next page', { completo: false, proxima_pagina: 2, motivo_incompleto: 'limite da Omie' }],
  ['incomplete without a reason', { completo: false }],
  ['a total of fewer titles than were found', { total: 9 }],
])('does not sum %s', async (_what, more) => {
  const fake = await startFake({ companies: [alpha, { ...alpha, id: 'b', pagar: titles(7, 500, more) }] });
  const { out, run } = desk(fake.mcpUrl, { json: true });
  expect(await run()).toEqual({ exitCode: 1 });
  const { empresas, totais } = JSON.parse(out.text);
  expect(empresas[1].pagar.completo).toBe(false);
  expect(totais.pagar).toEqual({ quantidade: 3, saldo_em_aberto: 1234.56, completo: false });
  expect(totais.completo).toBe(false);
});

test('a list that merely continues is not a loss when its totals cover the query', async () => {
  const paged = titles(80, 500, { completo: false, proxima_pagina: 2 });
  const fake = await startFake({ companies: [{ ...alpha, pagar: paged }] });
  const { out, run } = desk(fake.mcpUrl);
  await run();
  expect(out.text).toContain('R$ 500,00');
  expect(out.text).not.toContain('parcial');
});

test('a company list that is short makes the total partial', async () => {
  const fake = await startFake({ companies: [alpha] });
  fake.claimedTotal = 2;
  const { out, run } = desk(fake.mcpUrl);
  await run();
  expect(out.text).toContain('TOTAL (parcial)');
});

test('an answer about another company, or out of contract, is a failure', async () => {
  const [pagar, receber] = [titles(1, 10, { empresa: { id: 'outra' } }), titles(1, 10, { totais: { quantidade: 1 } })];
  const fake = await startFake({ companies: [{ ...alpha, pagar, receber }] });
  const { out, run } = desk(fake.mcpUrl);
  expect(await run()).toEqual({ exitCode: 1 });
  expect(out.text).toContain('falhou em contas a pagar: resposta_invalida: a resposta é da empresa outra');
  expect(out.text).toContain('falhou em contas a receber: resposta_invalida: fora do contrato: totais.saldo');
});

test('--companies keeps the order asked, and an unknown id is a row that says so', async () => {
  const fake = await startFake({ companies: [alpha, failing, onePage] });
  const { out, run } = desk(fake.mcpUrl, { companies: ['nenhuma', 'alpha', 'alpha'] });
  expect(await run()).toEqual({ exitCode: 1 });
  expect(out.lines.filter((line) => /^(nenhuma|Empresa Alpha|TOTAL)/.test(line))).toMatchInlineSnapshot(`
    [
      "nenhuma                    falhou: empresa_nao_encontrada: não está entre as em…",
      "Empresa Alpha LTDA             42    3      R$ 1.234,56    12       R$ 99.999,10",
      "TOTAL (parcial)              ≥ 42  ≥ 3    ≥ R$ 1.234,56  ≥ 12     ≥ R$ 99.999,10",
    ]
  `);
  expect(fake.calls.some(({ args }) => args['company_id'] === 'beta')).toBe(false);
});

test('companies run in parallel, but not more than allowed', async () => {
  const companies = Array.from({ length: 6 }, (_, index) => ({ ...alpha, id: `e${index}`, delayMs: 20 }));
  const fake = await startFake({ companies });
  fake.crowd = 6;
  expect(await desk(fake.mcpUrl, { concurrency: 2 }).run()).toEqual({ exitCode: 0 });
  expect(fake.mostBusy).toBe(6); // two companies, three questions each
});

test('a terminal gets a bar; the table stays on stdout alone', async () => {
  const fake = await startFake({ companies: [alpha] });
  const err = new Terminal(true);
  const { out, run } = desk(fake.mcpUrl, { err });
  await run();
  expect(err.text).toContain('Consultando empresas');
  expect(out.text).not.toContain('Consultando');
});

test('explains a server that is not there, a refused token and a wrong path', async () => {
  const gone = desk(`http://127.0.0.1:${await freePort()}/mcp`, { patience: { ...patience, startLimitMs: 50 } });
  expect(await gone.run()).toEqual({ exitCode: 1 });
  expect(gone.err.text).toMatch(/^Não foi possível alcançar o servidor em http:\S+ \(conexão recusada\)/);

  const fake = await startFake({ companies: [alpha], token: 'segredo' });
  const refused = desk(fake.mcpUrl, { token: 'errado' });
  expect(await refused.run()).toEqual({ exitCode: 1 });
  expect(refused.err.text).toContain('(401): informe um token válido');
  expect(refused.err.text + refused.out.text).not.toContain('errado');
  expect(await desk(fake.mcpUrl, { token: 'segredo' }).run()).toEqual({ exitCode: 0 });

  const lost = desk(`http://127.0.0.1:${fake.port}/outro`, { token: 'segredo' });
  expect(await lost.run()).toEqual({ exitCode: 1 });
  expect(lost.err.text).toContain('confira o caminho');
});

test('an abort ends it promptly, without a table', async () => {
  const fake = await startFake({ companies: [{ ...alpha, delayMs: 60_000 }] });
  const { out, err, controller, run } = desk(fake.mcpUrl);
  const running = run();
  await until('the slow call', () => fake.busy > 0);
  const start = Date.now();
  controller.abort();
  expect(await running).toEqual({ exitCode: 1 });
  expect(Date.now() - start).toBeLessThan(10_000);
  expect(out.text).toBe('');
  expect(err.text).toContain('Interrompido');
  await until('the server to hear of it', () => fake.busy === 0);
});

test('a server that dies in the middle for good makes failed rows, not a short total', async () => {
  const fake = await startFake({ companies: [alpha, { ...alpha, id: 'b', delayMs: 60_000 }, { ...alpha, id: 'c' }] });
  const { out, err, run } = desk(fake.mcpUrl, {
    json: true,
    concurrency: 1,
    patience: { ...patience, limitMs: 100 },
  });
  const running = run();
  await until('the slow call', () => fake.busy === 3);
  await fake.kill();
  expect(await running).toEqual({ exitCode: 1 });
  const { empresas, totais } = JSON.parse(out.text);
  expect(empresas[0]).toMatchObject({ id: 'alpha', categorias: 42, pagar: { quantidade: 3 } });
  expect(empresas[0]).not.toHaveProperty('erro');
  const erro = { codigo: 'conexao', em: ['categorias', 'pagar', 'receber'] };
  expect(empresas.slice(1)).toMatchObject([{ erro }, { erro }]);
  expect(totais).toMatchObject({ pagar: { quantidade: 3, completo: false }, completo: false });
  expect(err.text).toBe('A conexão com o servidor caiu. Novas tentativas por até 0,1 s.\n');
});

test('a server that restarts in the middle is asked again, and only for what is missing', async () => {
  const slow = { ...alpha, id: 'b', delayMs: 60_000 };
  const before = await startFake({ companies: [alpha, slow] });
  const { err, run } = desk(before.mcpUrl, { concurrency: 1 });
  const running = run();
  await until('the slow call', () => before.busy === 3);
  await before.kill();
  await until('the loss', () => err.text.includes('caiu'));
  const after = await startFake({ companies: [alpha, { ...slow, delayMs: 0 }], port: before.port });
  expect(await running).toEqual({ exitCode: 0 });
  expect(after.calls.map(({ args }) => args['company_id'])).toEqual(['b', 'b', 'b']);
  expect(after.openSessions).toBe(0);
});

test('a session that is not known any more, and a server that drains, are no end', async () => {
  const fake = await startFake({ companies: [alpha] });
  // The handshake, the list and one question pass; then two questions are refused, and the new session twice.
  fake.refusals.push(0, 0, 0, 0, 404, 503, 503, 503);
  const { err, run } = desk(fake.mcpUrl);
  expect(await run()).toEqual({ exitCode: 0 });
  expect(fake.refusals).toEqual([]);
  expect(fake.calls).toHaveLength(4);
  expect(fake.openSessions).toBe(0);
  expect(err.text.match(/caiu/g)).toHaveLength(1);
});

test('what Omie refuses after a restart is asked again when its wait is over', async () => {
  const slow = { ...alpha, id: 'b', delayMs: 60_000 };
  const before = await startFake({ companies: [slow] });
  const waits: number[] = [];
  let isWaiting = (): void => undefined;
  const pause = async (timeMs: number) => {
    waits.push(timeMs);
    isWaiting();
  };
  const { err, run } = desk(before.mcpUrl, { pause });
  const running = run();
  await until('the slow call', () => before.busy === 3);
  await before.kill();
  await until('the loss', () => err.text.includes('caiu'));
  const pagar = failure('omie_limite', 'O Omie já respondeu.', { espera_segundos: 42 });
  const after = await startFake({ companies: [{ ...alpha, id: 'b', pagar }], port: before.port });
  isWaiting = () => {
    after.companies = [{ ...alpha, id: 'b' }];
  };
  expect(await running).toEqual({ exitCode: 0 });
  expect(waits).toEqual([42_000]);
  expect(after.calls).toHaveLength(4);
  expect(err.text.match(/O Omie pede para esperar 42 s/g)).toHaveLength(1);
});

test.each([
  ['that is too long to wait for', 63, []],
  ['that does not end', 40, [40_000]],
])('a wait for Omie after a restart %s is a failed row', async (_what, espera_segundos, expected) => {
  const fake = await startFake({
    companies: [{ ...alpha, pagar: failure('omie_limite', 'Espere.', { espera_segundos }) }],
  });
  fake.refusals.push(0, 0, 404);
  const waits: number[] = [];
  const { out, run } = desk(fake.mcpUrl, { json: true, pause: async (timeMs) => void waits.push(timeMs) });
  expect(await run()).toEqual({ exitCode: 1 });
  expect(JSON.parse(out.text).empresas[0].erro).toEqual({
    codigo: 'omie_limite',
    mensagem: 'Espere.',
    em: ['pagar'],
  });
  expect(waits).toEqual(expected);
});

test('without a restart, what Omie refuses is told at once', async () => {
  const pagar = failure('omie_limite', 'Espere.', { espera_segundos: 1 });
  const fake = await startFake({ companies: [{ ...alpha, pagar }] });
  expect(await desk(fake.mcpUrl).run()).toEqual({ exitCode: 1 });
  expect(fake.calls).toHaveLength(4);
});

test.each([429, 503])('a server that answers %i is given the time it asks for, in the same session', async (status) => {
  const fake = await startFake({ companies: [alpha] });
  fake.retryAfter = '60';
  // The handshake and the list pass; the first question is refused.
  fake.refusals.push(0, 0, 0, status);
  const waits: number[] = [];
  const { err, run } = desk(fake.mcpUrl, {
    patience: { ...patience, limitMs: 0 },
    pause: async (timeMs) => void waits.push(timeMs),
  });
  expect(await run()).toEqual({ exitCode: 0 });
  expect(waits).toEqual([60_000]);
  expect(fake.handshakes).toBe(1);
  expect(err.text).toMatch(new RegExp(`^O servidor pediu para esperar 60 s \\(${status}: .+\\)\\.\n$`));
});

test('who may not even begin waits too', async () => {
  const fake = await startFake({ companies: [alpha] });
  fake.retryAfter = '3600';
  fake.refusals.push(429);
  const waits: number[] = [];
  const options = { patience: { ...patience, startLimitMs: 0 }, pause: async (ms: number) => void waits.push(ms) };
  expect(await desk(fake.mcpUrl, options).run()).toEqual({ exitCode: 0 });
  expect(waits).toEqual([65_000]);
});

test('a server that goes on refusing is given up, and is not called lost', async () => {
  const fake = await startFake({ companies: [alpha] });
  fake.retryAfter = '60';
  fake.refusals.push(0, 0, 0, ...Array.from({ length: 30 }, () => 429));
  const { out, err, run } = desk(fake.mcpUrl, { json: true, pause: async () => undefined });
  expect(await run()).toEqual({ exitCode: 1 });
  expect(JSON.parse(out.text).empresas[0].erro).toEqual({
    codigo: 'limite_de_uso',
    mensagem: 'o servidor pediu para esperar (429: pedidos demais)',
    em: ['categorias', 'pagar', 'receber'],
  });
  expect(err.text.match(/esperar 60 s/g)).toHaveLength(2);
  expect(err.text).not.toContain('caiu');
});

test('a server that is still starting is waited for a little', async () => {
  const port = await freePort();
  let attempts = 0;
  const starting = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  await once(starting.listen(port, '127.0.0.1'), 'listening');
  const running = desk(`http://127.0.0.1:${port}/mcp`).run();
  await until('an attempt in vain', () => attempts > 0);
  await new Promise((resolve) => starting.close(resolve));
  await startFake({ companies: [alpha], port });
  expect(await running).toEqual({ exitCode: 0 });
});

test('an abort while it waits to reconnect ends it at once', async () => {
  const fake = await startFake({ companies: [{ ...alpha, delayMs: 60_000 }] });
  const reconnect = { firstDelayMs: 60_000, maxDelayMs: 60_000 };
  const { out, err, controller, run } = desk(fake.mcpUrl, { patience: { ...patience, reconnect } });
  const running = run();
  await until('the slow call', () => fake.busy === 3);
  await fake.kill();
  await until('the loss', () => err.text.includes('caiu'));
  controller.abort();
  expect(await running).toEqual({ exitCode: 1 });
  expect([out.text, err.text]).toEqual(['', expect.stringContaining('Interrompido')]);
});
