import { describe, expect, it } from 'vitest';
import { openOmie, send } from './open-omie.ts';

describe('the envelope', () => {
  it('H1 refuses bad JSON, a missing call, a param that is no array, and more than one object', async () => {
    const { omie } = await openOmie({ titlesPerCompany: 5 });
    const { appKey: app_key, appSecret: app_secret } = omie.companies[0]!;
    const url = `${omie.url}geral/categorias/`;
    const fault = async (body: unknown) => {
      const reply = await send(url, typeof body === 'string' ? body : JSON.stringify(body));
      return `${reply.status} ${reply.body.faultcode} ${reply.body.faultstring}`;
    };
    const envelope = { call: 'ListarCategorias', app_key, app_secret, param: [{ pagina: 1 }] };
    expect([
      await fault('{"call":'),
      await fault('<soap/>'),
      await fault('[1]'),
      await fault('null'),
      await fault({ ...envelope, call: undefined }),
      await fault({ ...envelope, call: 'ListarNada' }),
      await fault({ ...envelope, param: { pagina: 1 } }),
      await fault({ ...envelope, param: undefined }),
      await fault({ ...envelope, param: [] }),
      await fault({ ...envelope, param: [{}] }),
      await fault({ ...envelope, param: ['x'] }),
      await fault({ ...envelope, param: [{ pagina: 1 }, { pagina: 2 }] }),
    ]).toMatchInlineSnapshot(`
      [
        "500 SOAP-ENV:Client ERROR: JSON request with SyntaxError!",
        "500 SOAP-ENV:Client ERROR: JSON request with SyntaxError!",
        "500 SOAP-ENV:Client ERROR: Invalid JSON Object!",
        "500 SOAP-ENV:Client ERROR: Invalid JSON Object!",
        "500 SOAP-ENV:Client ERROR: Method "" not exists!",
        "500 SOAP-ENV:Client ERROR: Method "ListarNada" not exists!",
        "500 SOAP-ENV:Client-71 ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!",
        "500 SOAP-ENV:Client-71 ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!",
        "500 SOAP-ENV:Client-71 ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!",
        "500 SOAP-ENV:Client-71 ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!",
        "500 SOAP-ENV:Client-71 ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!",
        "500 SOAP-ENV:Client-71 ERROR: WS_PARAMS deve conter apenas um objeto!",
      ]
    `);
  });

  it('H1 takes an empty parameter for ListarMovimentos, and not for ObterResumoFinancas', async () => {
    const { post } = await openOmie();
    expect((await post('ListarMovimentos', {})).status).toBe(200);
    expect((await post('ObterResumoFinancas', {})).body.faultcode).toBe('SOAP-ENV:Client-71');
  });

  it('a method posted to another service does not exist', async () => {
    const { post } = await openOmie();
    const { body } = await post('ListarMovimentos', { nPagina: 1 }, { service: 'geral/clientes' });
    expect(body.faultstring).toBe('ERROR: Method "ListarMovimentos" not exists!');
  });

  it('H2 redirects a path without its trailing slash with 301', async () => {
    const { omie } = await openOmie();
    const reply = await send(`${omie.url}financas/contapagar`, '{}');
    expect(reply.status).toBe(301);
    expect(reply.headers.get('location')).toBe('/api/v1/financas/contapagar/');
    // A client that follows turns its POST into a GET and gets the reference page.
    const followed = await fetch(`${omie.url}financas/contapagar`, { method: 'POST', body: '{}' });
    expect(followed.headers.get('content-type')).toContain('text/html');
  });

  it('H3 answers GET with an HTML page and ?WSDL with XML', async () => {
    const { omie } = await openOmie();
    const page = await fetch(`${omie.url}financas/mf/`);
    expect([page.status, page.headers.get('content-type'), (await page.text()).slice(0, 15)]).toEqual([
      200,
      'text/html',
      '<!DOCTYPE html>',
    ]);
    const wsdl = await fetch(`${omie.url}financas/mf/?WSDL`);
    expect(await wsdl.text()).toContain('<definitions name="financas/mf"');
    expect((await fetch(`${omie.url}financas/nada/`)).status).toBe(404);
    expect((await fetch(`${omie.url}financas/mf/`, { method: 'PUT', body: '{}' })).status).toBe(405);
  });

  it('H4 refuses unknown keys, wrong secrets and absent credentials with 403', async () => {
    const { omie, post } = await openOmie();
    for (const wrong of [{ appKey: '1' }, { appSecret: 'f'.repeat(32) }]) {
      const { status, body } = await post('ListarCategorias', { pagina: 1 }, wrong);
      expect(status).toBe(403);
      expect(body.faultcode).toBe('SOAP-ENV:Server');
      expect(body.faultstring).toMatch(/^A chave de acesso está inválida/);
    }
    const bare = await send(`${omie.url}geral/categorias/`, '{"call":"ListarCategorias","param":[{}]}');
    expect(bare.status).toBe(403);
    // One company's secret does not open another.
    const crossed = await post('ListarCategorias', { pagina: 1 }, { appSecret: omie.companies[1]!.appSecret });
    expect(crossed.status).toBe(403);
  });

  it.each([
    ['ListarContasPagar', { filtrar_por_vencimento_de: '01/01/2026' }, 'FILTRAR_POR_VENCIMENTO_DE', 'lcpListarRequest'],
    ['ListarContasReceber', { nPagina: 1 }, 'NPAGINA', 'lcrListarRequest'],
    ['ListarMovimentos', { pagina: 1 }, 'PAGINA', 'mfListarRequest'],
    ['ListarExtrato', { nCodCC: 1, pagina: 1 }, 'PAGINA', 'eccListarExtratoRequest'],
    ['ListarClientes', { clientesFiltro: { cnpj: '1' } }, 'CNPJ', 'clientesFiltro'],
    ['ConsultarCliente', { cnpj_cpf: '1' }, 'CNPJ_CPF', 'clientes_cadastro_chave'],
    ['IncluirContaPagar', { departamentos: [] }, 'DEPARTAMENTOS', 'conta_pagar_cadastro'],
    ['IncluirContaPagar', { distribuicao: [{ cCod: '1' }] }, 'CCOD', 'distribuicao'],
  ])('H5 refuses unknown tags of %s %j', async (call, param, tag, type) => {
    const { post } = await openOmie();
    const { status, body } = await post(call, param);
    expect(status).toBe(500);
    expect(body).toEqual({
      faultstring: `ERROR: Tag [${tag}] não faz parte da estrutura do tipo complexo [${type}]!`,
      faultcode: 'SOAP-ENV:Client-5001',
    });
  });

  it('H5 refuses values of the wrong kind and says which are accepted', async () => {
    const { post } = await openOmie();
    const fault = async (call: string, param: object) => {
      const { body } = await post(call, param);
      return `${body.faultcode} ${body.faultstring}`;
    };
    expect([
      await fault('ListarContasPagar', { filtrar_por_status: 'VENCIDO' }),
      await fault('ListarContasPagar', { filtrar_por_status: 'RECEBIDO' }),
      await fault('ListarContasReceber', { filtrar_por_status: 'PAGO' }),
      await fault('ListarMovimentos', { cStatus: 'PAGO' }),
      await fault('ListarContasPagar', { ordenar_por: 'DATA_VENCIMENTO' }),
      await fault('ListarContasPagar', { pagina: 'um' }),
      await fault('ListarContasPagar', { filtrar_por_emissao_de: '2026-01-01' }),
      await fault('ListarContasPagar', { filtrar_por_emissao_de: '31/02/2026' }),
      await fault('ListarMovimentos', { cNatureza: 'D' }),
      await fault('ListarContasReceber', { exibir_obs: 'sim' }),
      await fault('ObterListaEmAberto', { nPagina: 1 }),
      await fault('ListarExtrato', { dPeriodoInicial: '01/11/2026' }),
    ]).toMatchInlineSnapshot(`
      [
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [filtrar_por_status] é inválido! Valores aceitos: CANCELADO, LIQUIDADO, EMABERTO, PAGTO_PARCIAL, VENCEHOJE, AVENCER, ATRASADO, PAGO.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [filtrar_por_status] é inválido! Valores aceitos: CANCELADO, LIQUIDADO, EMABERTO, PAGTO_PARCIAL, VENCEHOJE, AVENCER, ATRASADO, PAGO.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [filtrar_por_status] é inválido! Valores aceitos: CANCELADO, LIQUIDADO, EMABERTO, PAGTO_PARCIAL, VENCEHOJE, AVENCER, ATRASADO, RECEBIDO.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [cStatus] é inválido! Valores aceitos: CANCELADO, LIQUIDADO, EMABERTO, PAGTO_PARCIAL, VENCEHOJE, AVENCER, ATRASADO, RECEBIDO.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [ordenar_por] é inválido! Valores aceitos: CODIGO, CODIGO_INTEGRACAO.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [pagina] é inválido!",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [filtrar_por_emissao_de] é inválido!",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [filtrar_por_emissao_de] é inválido!",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [cNatureza] é inválido! Valores aceitos: P, R.",
        "SOAP-ENV:Client-105 ERROR: O valor informado na tag [exibir_obs] é inválido! Valores aceitos: S, N.",
        "SOAP-ENV:Client-1000 ERROR: O preenchimento da tag [cTipo] é obrigatório!",
        "SOAP-ENV:Client-1002 ERROR: O preenchimento da tag [nCodCC] ou [cCodIntCC] é obrigatório!",
      ]
    `);
  });
});
