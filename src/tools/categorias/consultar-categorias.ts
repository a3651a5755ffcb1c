import { defineCompanyTool } from '../define-tool.ts';
import { categoryPage, categoryQuery } from './category-page.ts';

export const consultarCategorias = defineCompanyTool({
  name: 'consultar_categorias_empresa',
  title: 'Consultar categorias de uma empresa',
  effect: 'read',
  description:
    'Lista o plano de categorias (receitas e despesas) de uma empresa no Omie: código, descrição, tipo, se está ativa e o ' +
    'grupo a que pertence. Use para entender ou conferir os códigos de categoria que aparecem nos títulos. ' +
    'Não use para saber quanto se gastou ou recebeu por categoria: aqui não há valores. ' +
    'Exemplo: {"company_id":"minha_empresa","tipo":"despesa","apenas_ativas":true}.',
  input: categoryQuery,
  output: categoryPage,
  run: (query, { services, context }) => services.categories.page(query, context),
});
