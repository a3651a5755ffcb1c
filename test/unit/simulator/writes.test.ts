import { describe, expect, it } from 'vitest';
import { type Answer, type Desk, openOmie } from './open-omie.ts';

const faultOf = async (desk: Desk, call: string, param: object): Promise<string> => {
  const { body } = await desk.post(call, param);
  return `${body.faultcode} ${body.faultstring}`;
};

async function ready(): Promise<{ desk: Desk; payable: Record<string, unknown>; account: number; clientId: number }> {
  const desk = await openOmie();
  const company = desk.omie.store.company('empresa_001');
  const [account] = company.accounts.keys();
  const [, client] = company.clients.values();
  const payable = {
    codigo_lancamento_integracao: 'NF-2026-11-0042',
    codigo_cliente_fornecedor: client!.id,
    data_vencimento: '30/11/2026',
    valor_documento: 980.1,
    codigo_categoria: '2.04.01',
    id_conta_corrente: account,
  };
  return { desk, payable, account: account!, clientId: client!.id };
}

describe('H20 integration codes and ids', () => {
  it('a second title under the same integration code is fault 102', async () => {
    const { desk, payable } = await ready();
    const done = (await desk.post('IncluirContaPagar', payable)).body;
    expect(done).toMatchObject({ codigo_lancamento_integracao: 'NF-2026-11-0042', codigo_status: '0' });
    expect(await faultOf(desk, 'IncluirContaPagar', payable)).toBe(
      'SOAP-ENV:Client-102 ERROR: Lançamento já cadastrado para o Código de Integração [NF-2026-11-0042] !',
    );
    const row = (await desk.post('ConsultarContaPagar', { codigo_lancamento_integracao: 'NF-2026-11-0042' })).body;
    expect(row).toMatchObject({
      codigo_lancamento_omie: done.codigo_lancamento_omie,
      status_titulo: 'A VENCER',
      data_previsao: '30/11/2026',
      id_origem: 'APIP',
      valor_documento: 980.1,
      info: { cImpAPI: 'S', dInc: '20/11/2026' },
    });
  });

  it('what is not there is fault 105 by id and 103 by integration code', async () => {
    const { desk } = await ready();
    expect([
      await faultOf(desk, 'ConsultarContaPagar', { codigo_lancamento_omie: 999 }),
      await faultOf(desk, 'ConsultarContaReceber', { codigo_lancamento_integracao: 'X' }),
      await faultOf(desk, 'ConsultarCliente', { codigo_cliente_omie: 999 }),
      await faultOf(desk, 'ConsultarCliente', { codigo_cliente_integracao: 'X' }),
      await faultOf(desk, 'ExcluirContaReceber', { chave_lancamento: 5 }),
      await faultOf(desk, 'ExcluirContaReceber', { codigo_lancamento_omie: 5 }),
      await faultOf(desk, 'CancelarPagamento', { codigo_baixa: 5 }),
      await faultOf(desk, 'ConsultaLancCC', { cCodIntLanc: 'X' }),
    ]).toMatchInlineSnapshot(`
      [
        "SOAP-ENV:Client-105 ERROR: Lançamento não cadastrado para o Código [999] !",
        "SOAP-ENV:Client-103 ERROR: Lançamento não cadastrado para o Código de Integração [X] !",
        "SOAP-ENV:Client-105 ERROR: Cliente não cadastrado para o Código [999] !",
        "SOAP-ENV:Client-103 ERROR: Cliente não cadastrado para o Código de Integração [X] !",
        "SOAP-ENV:Client-105 ERROR: Lançamento não cadastrado para o Código [5] !",
        "SOAP-ENV:Client-5001 ERROR: Tag [CODIGO_LANCAMENTO_OMIE] não faz parte da estrutura do tipo complexo [conta_receber_cadastro_chave]!",
        "SOAP-ENV:Client-105 ERROR: Baixa não cadastrada para o Código [5] !",
        "SOAP-ENV:Client-103 ERROR: Lançamento não cadastrado para o Código de Integração [X] !",
      ]
    `);
  });

  it('a payable is no receivable, even with its id', async () => {
    const { desk } = await ready();
    const [payable] = desk.omie.store.company('empresa_001').titlesOf('payable');
    expect(await faultOf(desk, 'ConsultarContaReceber', { codigo_lancamento_omie: payable!.id })).toContain(
      'Client-105',
    );
  });

  it('obligatory tags are faults of their own', async () => {
    const { desk, payable } = await ready();
    const without = async (key: string) => faultOf(desk, 'IncluirContaPagar', { ...payable, [key]: undefined });
    for (const key of [
      'codigo_lancamento_integracao',
      'codigo_cliente_fornecedor',
      'data_vencimento',
      'valor_documento',
      'codigo_categoria',
    ]) {
      expect(await without(key)).toBe(`SOAP-ENV:Client-1000 ERROR: O preenchimento da tag [${key}] é obrigatório!`);
    }
    // The account has a default.
    expect((await desk.post('IncluirContaPagar', { ...payable, id_conta_corrente: undefined })).status).toBe(200);
  });

  it('a second client with the same CNPJ is fault 102 that names the first', async () => {
    const { desk, clientId } = await ready();
    const taxId = desk.omie.store.company('empresa_001').clients.get(clientId)!.taxId;
    const client = {
      codigo_cliente_integracao: 'C1',
      razao_social: 'NOVA LTDA',
      nome_fantasia: 'Nova',
      cnpj_cpf: taxId,
    };
    const fault = await faultOf(desk, 'IncluirCliente', client);
    expect(fault).toContain(
      `SOAP-ENV:Client-102 ERROR: Cliente já cadastrado para o CPF/CNPJ [${taxId}] com o Id [${clientId}]`,
    );
    expect(Number(/Id\s*\[(\d+)\]/.exec(fault)?.[1])).toBe(clientId);
    expect(await faultOf(desk, 'IncluirCliente', { ...client, cnpj_cpf: '11.111.111/1111-11' })).toContain(
      'Client-206',
    );
    // In another company the same CNPJ is somebody else.
    const done = await desk.post('IncluirCliente', { ...client, cnpj_cpf: '11.222.333/0001-81' }, { company: 1 });
    expect(done.body.codigo_status).toBe('0');
    expect(desk.omie.store.company('empresa_001').clients.has(done.body.codigo_cliente_omie)).toBe(false);
  });
});

describe('writing titles', () => {
  it('alters only what is sent; an upsert resets what is left out', async () => {
    const { desk, payable } = await ready();
    await desk.post('IncluirContaPagar', { ...payable, observacao: 'primeira', numero_documento: 'DOC' });
    const key = { codigo_lancamento_integracao: payable['codigo_lancamento_integracao'] };
    await desk.post('AlterarContaPagar', { ...key, valor_documento: 1_000 });
    const read = async () => (await desk.post('ConsultarContaPagar', key)).body;
    expect(await read()).toMatchObject({ valor_documento: 1_000, observacao: 'primeira', numero_documento: 'DOC' });
    expect((await read()).categorias).toEqual([{ codigo_categoria: '2.04.01', percentual: 100, valor: 1_000 }]);
    await desk.post('UpsertContaPagar', payable);
    expect(await read()).toMatchObject({ valor_documento: 980.1, observacao: '', numero_documento: '' });
    await desk.post('UpsertContaPagar', { ...payable, codigo_lancamento_integracao: 'NEW' });
    expect((await desk.post('ConsultarContaPagar', { codigo_lancamento_integracao: 'NEW' })).status).toBe(200);
  });

  it('leaves a title as it was when a change is refused half-way', async () => {
    const { desk } = await ready();
    const [title] = desk.omie.store.company('empresa_001').titlesOf('payable');
    const before = structuredClone(title);
    expect(
      await faultOf(desk, 'AlterarContaPagar', {
        codigo_lancamento_omie: title!.id,
        valor_documento: 1,
        codigo_categoria: '9.99',
      }),
    ).toContain('Client-105');
    expect(title).toEqual(before);
  });

  it('splits by category and department, and wants 100 percent', async () => {
    const { desk, payable } = await ready();
    const [, department] = desk.omie.store.company('empresa_001').departments.keys();
    const split = {
      ...payable,
      codigo_categoria: undefined,
      categorias: [
        { codigo_categoria: '2.04.01', percentual: 30 },
        { codigo_categoria: '2.05.01', percentual: 70 },
      ],
      distribuicao: [{ cCodDep: department, nPerDep: 100 }],
      valor_ir: 9.8,
      retem_ir: 'S',
      numero_documento_fiscal: '42',
    };
    await desk.post('IncluirContaPagar', split);
    const row = (await desk.post('ConsultarContaPagar', { codigo_lancamento_integracao: 'NF-2026-11-0042' })).body;
    expect(row.categorias.map((share: Answer) => share.valor)).toEqual([294.03, 686.07]);
    expect(row).toMatchObject({ retem_ir: 'S', valor_ir: 9.8, numero_documento_fiscal: '00000042' });
    expect(row.distribuicao[0]).toMatchObject({ cCodDep: department, nValDep: 980.1 });
    const short = {
      ...split,
      codigo_lancamento_integracao: 'B',
      categorias: [{ codigo_categoria: '2.04.01', percentual: 30 }],
    };
    expect(await faultOf(desk, 'IncluirContaPagar', short)).toContain('Client-102 ERROR: A soma dos percentuais');
  });

  it('pays in part and in full, posts to the bank, and takes it back', async () => {
    const { desk, payable, account } = await ready();
    const company = desk.omie.store.company('empresa_001');
    const { codigo_lancamento_omie: id } = (await desk.post('IncluirContaPagar', payable)).body;
    const entries = company.bankEntries.size;
    const pay = (param: object) =>
      desk.post('LancarPagamento', {
        codigo_lancamento: id,
        codigo_conta_corrente: account,
        data: '20/11/2026',
        ...param,
      });
    const part = (await pay({ valor: 500, codigo_baixa_integracao: 'PG-1' })).body;
    expect(part).toMatchObject({ codigo_lancamento: id, liquidado: 'N', valor_baixado: 500, codigo_status: '0' });
    expect((await pay({ valor: 1, codigo_baixa_integracao: 'PG-1' })).body.faultcode).toBe('SOAP-ENV:Client-102');
    expect((await pay({ valor: 480.11 })).body.faultstring).toContain('maior que o saldo');
    const rest = (await pay({ valor: 480.1, desconto: 10, juros: 2, multa: 1 })).body;
    expect(rest.liquidado).toBe('S');
    expect(company.bankEntries.size).toBe(entries + 2);
    const { resumo } = (await desk.post('ListarMovimentos', { nCodTitulo: id, cTpLancamento: 'CP' })).body
      .movimentos[0];
    expect(resumo).toEqual({
      cLiquidado: 'S',
      nDesconto: 10,
      nJuros: 2,
      nMulta: 1,
      nValAberto: 0,
      nValLiquido: 973.1,
      nValPago: 980.1,
    });
    expect((await desk.post('ExcluirContaPagar', { codigo_lancamento_omie: id })).body.faultcode).toBe(
      'SOAP-ENV:Client-102',
    );

    await desk.post('CancelarPagamento', { codigo_baixa: rest.codigo_baixa });
    await desk.post('CancelarPagamento', { codigo_baixa_integracao: 'PG-1' });
    expect(company.bankEntries.size).toBe(entries);
    expect((await desk.post('ExcluirContaPagar', { codigo_lancamento_omie: id })).body.codigo_status).toBe('0');
    expect(company.titles.has(id)).toBe(false);
    const deleted = (await desk.post('PesquisarExcluidos', { dDtInicial: '20/11/2026', dDtFinal: '20/11/2026' })).body;
    expect(deleted.titulosExcluidos[0].nCodTitulo).toBe(id);
  });

  it('receives, reconciles and cancels receivables under their own names', async () => {
    const { desk, payable, account } = await ready();
    const receivable = { ...payable, codigo_categoria: '1.01.03' };
    const { codigo_lancamento_omie: id } = (await desk.post('IncluirContaReceber', receivable)).body;
    const receipt = (
      await desk.post('LancarRecebimento', {
        codigo_lancamento: id,
        codigo_conta_corrente: account,
        valor: 80.1,
        data: '20/11/2026',
      })
    ).body;
    expect(receipt.descricao_status).toBe('Baixa executada com sucesso!');
    const key = { codigo_baixa: receipt.codigo_baixa };
    expect((await desk.post('ConciliarRecebimento', key)).body.descricao_status).toBe('Baixa conciliada com sucesso!');
    expect((await desk.post('DesconciliarRecebimento', key)).body.codigo_status).toBe('0');
    expect((await desk.post('CancelarRecebimento', key)).body.codigo_status).toBe('0');
    expect((await desk.post('CancelarContaReceber', { chave_lancamento: id })).body.codigo_status).toBe('0');
    expect((await desk.post('ConsultarContaReceber', { codigo_lancamento_omie: id })).body.status_titulo).toBe(
      'CANCELADO',
    );
  });

  it('keeps clients and bank entries', async () => {
    const { desk, account } = await ready();
    const client = {
      codigo_cliente_integracao: 'C9',
      razao_social: 'NOVA & CIA LTDA',
      nome_fantasia: 'Nova',
      cnpj_cpf: '11222333000181',
      tags: [{ tag: 'Cliente' }],
    };
    const { codigo_cliente_omie } = (await desk.post('IncluirCliente', client)).body;
    await desk.post('AlterarCliente', { codigo_cliente_omie, email: 'a@b.com.br' });
    await desk.post('UpsertCliente', { codigo_cliente_integracao: 'C9', nome_fantasia: 'Novíssima' });
    await desk.post('UpsertClienteCpfCnpj', {
      cnpj_cpf: '11.222.333/0001-81',
      telefone1_ddd: '11',
      telefone1_numero: '4000-0000',
    });
    await desk.post('AssociarCodIntCliente', { codigo_cliente_omie, codigo_cliente_integracao: 'C10' });
    const row = (await desk.post('ConsultarCliente', { codigo_cliente_integracao: 'C10' })).body;
    expect(row).toMatchObject({
      cnpj_cpf: '11.222.333/0001-81',
      email: 'a@b.com.br',
      nome_fantasia: 'Novíssima',
      razao_social: 'NOVA &amp; CIA LTDA',
      telefone1_ddd: '11',
    });
    expect((await desk.post('ExcluirCliente', { codigo_cliente_omie })).body.codigo_status).toBe('0');

    const entry = {
      cCodIntLanc: 'L1',
      cabecalho: { nCodCC: account, dDtLanc: '20/11/2026', nValorLanc: -12.34 },
      detalhes: { cCodCateg: '2.07.01', cTipo: 'DEB' },
    };
    const { nCodLanc } = (await desk.post('IncluirLancCC', entry)).body;
    await desk.post('AlterarLancCC', { nCodLanc, detalhes: { cObs: 'tarifa' } });
    const read = (await desk.post('ConsultaLancCC', { cCodIntLanc: 'L1' })).body;
    expect(read).toMatchObject({
      nCodLanc,
      cabecalho: { nValorLanc: 12.34 },
      diversos: { cNatureza: 'P', cOrigem: 'APEP' },
      detalhes: { cObs: 'tarifa' },
    });
    expect((await desk.post('ExcluirLancCC', { nCodLanc })).body.cCodStatus).toBe('0');
    const settlement = [...desk.omie.store.company('empresa_001').bankEntries.values()].find((one) => one.settlement)!;
    expect((await desk.post('ExcluirLancCC', { nCodLanc: settlement.id })).body.faultcode).toBe('SOAP-ENV:Client-102');
  });
});

describe('H22 refusals inside a good answer', () => {
  it('a boleto that is absent or settled answers 200 with status 103', async () => {
    const { desk } = await ready();
    const receivables = desk.omie.store.company('empresa_001').titlesOf('receivable');
    const get = async (id: number) => desk.post('ObterBoleto', { nCodTitulo: id });
    const company = desk.omie.store.company('empresa_001');
    const absent = await get(receivables.find((one) => !one.boleto)!.id);
    expect([absent.status, absent.body.cCodStatus]).toEqual([200, '103']);
    const settled = await get(receivables.find((one) => one.boleto && company.isSettled(one))!.id);
    expect([settled.status, settled.body.cCodStatus]).toEqual([200, '103']);
    const open = receivables.find((one) => one.boleto && !company.isSettled(one))!;
    const live = await get(open.id);
    expect(live.body).toMatchObject({
      cCodStatus: '0',
      cDesStatus: 'Boleto gerado com sucesso!',
      cNumBoleto: open.boleto!.number,
    });
  });

  it('boletos are made, prolonged and cancelled', async () => {
    const { desk } = await ready();
    const title = desk.omie.store
      .company('empresa_001')
      .titlesOf('receivable')
      .find((one) => !one.boleto && one.payments.length === 0 && one.cancelled === undefined)!;
    const key = { nCodTitulo: title.id };
    expect((await desk.post('ProrrogarBoleto', { ...key, dDtVenc: '01/12/2026' })).body.cCodStatus).toBe('103');
    expect((await desk.post('GerarBoleto', key)).body.cCodStatus).toBe('0');
    expect((await desk.post('ProrrogarBoleto', { ...key, dDtVenc: '01/12/2026' })).body.cCodStatus).toBe('0');
    expect((await desk.post('ConsultarContaReceber', { codigo_lancamento_omie: title.id })).body).toMatchObject({
      data_vencimento: '01/12/2026',
      boleto: { cGerado: 'S' },
    });
    expect((await desk.post('ObterURLBoleto', key)).body.cLinkBoleto).toMatch(/^https:/);
    expect((await desk.post('CancelarBoleto', key)).body.cCodStatus).toBe('0');
    expect((await desk.post('CancelarBoleto', key)).body.cCodStatus).toBe('103');
  });

  it('a pix QR code for an account without pix answers 200 with status 719', async () => {
    const { desk } = await ready();
    const accounts = [...desk.omie.store.company('empresa_001').accounts.values()];
    const make = async (takesPix: boolean) =>
      desk.post('GerarQrCodePix', { nIdConta: accounts.find((one) => one.takesPix === takesPix)!.id });
    const refused = await make(false);
    expect([refused.status, refused.body.cCodStatus]).toEqual([200, '719']);
    expect((await make(true)).body.cCodStatus).toBe('0');
  });

  it('pix charges are listed, made and cancelled; an unknown one is not found', async () => {
    const { desk } = await ready();
    expect((await desk.post('ListarPix', { nPagina: 1 })).body.ListaPix[0].cStatus).toBe('ATIVO');
    expect((await desk.post('ListarStatusPix', { nPagina: 1 })).body.nTotRegistros).toBeGreaterThan(0);
    const title = desk.omie.store.company('empresa_001').titlesOf('receivable')[0]!;
    const { nIdPix } = (await desk.post('GerarPix', { nCodTitulo: title.id, vValor: 10 })).body;
    expect((await desk.post('CancelarPix', { nIdPix })).body.cCodStatus).toBe('0');
    expect((await desk.post('ObterPix', { nIdPix })).body).toMatchObject({ cStatus: 'CANCELADO', vValor: 10 });
    expect((await desk.post('ObterStatusPix', { nIdPix: 1 })).body).toEqual({
      faultstring: 'Registro não encontrado!',
      faultcode: 'SOAP-ENV:Client-5113',
    });
  });
});
