import { defineCompanyTool } from '../define-tool.ts';
import { titlePage } from './title-page.ts';
import { titleQuery } from './title-query.ts';

export const consultarContasPagar = defineCompanyTool({
  name: 'consultar_contas_pagar_empresa',
  title: 'Consultar contas a pagar de uma empresa',
  effect: 'read',
  description:
    'Títulos a pagar de uma empresa no Omie, com valor, saldo em aberto, vencimento, dias de atraso, fornecedor e categoria, ' +
    'e totais. Use para "o que está vencido?", "quanto vence esta semana?", "quanto devemos ao fornecedor X?". ' +
    'Não use para contas a receber (há outra ferramenta), saldo bancário ou pagamentos por data de pagamento: os filtros são ' +
    'por vencimento. Valores em reais (BRL); datas aaaa-mm-dd; "hoje" é o dia em São Paulo. Os totais só cobrem a consulta ' +
    'inteira quando totais.abrangencia é "consulta"; se completo é false, siga proxima_pagina ou leia motivo_incompleto. ' +
    'Exemplo: {"company_id":"minha_empresa","apenas_vencidas":true}.',
  input: titleQuery,
  output: titlePage,
  run: (query, { services, context }) => services.payables.page(query, context),
});
