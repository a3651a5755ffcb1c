import { defineCompanyTool } from '../define-tool.ts';
import { titlePage } from './title-page.ts';
import { titleQuery } from './title-query.ts';

export const consultarContasReceber = defineCompanyTool({
  name: 'consultar_contas_receber_empresa',
  title: 'Consultar contas a receber de uma empresa',
  effect: 'read',
  description:
    'Títulos a receber de uma empresa no Omie, com valor, saldo em aberto, vencimento, dias de atraso, cliente e categoria, ' +
    'e totais. Use para "quem está inadimplente?", "quanto temos a receber este mês?", "quanto o cliente X nos deve?". ' +
    'Não use para contas a pagar (há outra ferramenta), saldo bancário ou recebimentos por data de pagamento: os filtros são ' +
    'por vencimento. Valores em reais (BRL); datas aaaa-mm-dd; "hoje" é o dia em São Paulo. Os totais só cobrem a consulta ' +
    'inteira quando totais.abrangencia é "consulta"; se completo é false, siga proxima_pagina ou leia motivo_incompleto. ' +
    'Exemplo: {"company_id":"minha_empresa","situacao":"em_aberto","vencimento_ate":"2026-12-31"}.',
  input: titleQuery,
  output: titlePage,
  run: (query, { services, context }) => services.receivables.page(query, context),
});
