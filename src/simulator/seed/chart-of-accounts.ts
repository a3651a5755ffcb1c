/** Categories and DRE lines: the same chart in every company, as Omie ships a standard one. */
import type { Category, DreLine } from '../model.ts';

/** code | description | level | sign | total? */
const dreTable: readonly (readonly [string, string, number, '+' | '-', 'S' | 'N'])[] = [
  ['01', 'Receita Operacional Bruta', 1, '+', 'S'],
  ['01.01', 'Receita de Vendas', 2, '+', 'S'],
  ['01.01.01', 'Venda de Produtos', 3, '+', 'N'],
  ['01.01.02', 'Prestação de Serviços', 3, '+', 'N'],
  ['01.02', 'Deduções da Receita', 2, '-', 'S'],
  ['01.02.01', 'Impostos sobre Vendas', 3, '-', 'N'],
  ['01.02.02', 'Devoluções de Vendas', 3, '-', 'N'],
  ['02', 'Custos e Despesas', 1, '-', 'S'],
  ['02.01', 'Custo das Mercadorias', 2, '-', 'S'],
  ['02.01.01', 'Compras de Mercadorias', 3, '-', 'N'],
  ['02.01.02', 'Fretes sobre Compras', 3, '-', 'N'],
  ['02.02', 'Despesas com Pessoal', 2, '-', 'S'],
  ['02.02.01', 'Salários e Encargos', 3, '-', 'N'],
  ['02.02.02', 'Benefícios', 3, '-', 'N'],
  ['02.03', 'Despesas Operacionais', 2, '-', 'S'],
  ['02.03.01', 'Despesas Administrativas', 3, '-', 'N'],
  ['02.03.02', 'Ocupação', 3, '-', 'N'],
  ['02.03.03', 'Despesas Comerciais', 3, '-', 'N'],
  ['02.04', 'Resultado Financeiro', 2, '-', 'S'],
  ['02.04.01', 'Despesas Financeiras', 3, '-', 'N'],
  ['02.04.02', 'Receitas Financeiras', 3, '+', 'N'],
  ['02.05', 'Impostos sobre o Lucro', 2, '-', 'N'],
  ['03', 'Investimentos', 1, '-', 'N'],
];

/** code | description | DRE line | marks: "g" group, "i" inactive, "h" hidden, "t" transfer, "u" made by the user */
const categoryTable: readonly (readonly [string, string, string, string])[] = [
  ['0', 'Transferências e Outros', '', 'g'],
  ['0.01', 'Transferências', '', 'g'],
  ['0.01.01', 'Transferência de Saída', '', 't'],
  ['0.01.02', 'Transferência de Entrada', '', 't'],
  ['1', 'Receitas', '', 'g'],
  ['1.01', 'Receitas Diretas', '', 'g'],
  ['1.01.01', 'Clientes - Revenda de Mercadoria', '01.01.01', ''],
  ['1.01.02', 'Clientes - Venda de Produtos Fabricados', '01.01.01', ''],
  ['1.01.03', 'Clientes - Serviços Prestados', '01.01.02', ''],
  ['1.01.04', 'Clientes - Contratos & Mensalidades', '01.01.02', 'u'],
  ['1.01.97', 'Clientes - Devolução de Mercadoria', '01.02.02', ''],
  ['1.01.99', 'Vendas de Balcão (antiga)', '01.01.01', 'i'],
  ['1.02', 'Receitas Indiretas', '', 'g'],
  ['1.02.01', 'Rendimentos de Aplicações', '02.04.02', ''],
  ['1.02.02', 'Juros Recebidos', '02.04.02', ''],
  ['1.02.03', 'Outras Receitas', '01.01.02', ''],
  ['1.03', 'Entradas sem DRE', '', 'g'],
  ['1.03.01', 'Aporte de Sócios', '', ''],
  ['1.03.02', 'Empréstimos Recebidos', '', ''],
  ['2', 'Despesas', '', 'g'],
  ['2.01', 'Custos Diretos', '', 'g'],
  ['2.01.01', 'Compras de Mercadorias para Revenda', '02.01.01', ''],
  ['2.01.02', 'Compras de Matéria Prima', '02.01.01', ''],
  ['2.01.03', 'Fretes e Carretos', '02.01.02', ''],
  ['2.01.04', 'Compras de Embalagens', '02.01.01', 'u'],
  ['2.02', 'Despesas com Vendas', '', 'g'],
  ['2.02.01', 'Comissões', '02.03.03', ''],
  ['2.02.02', 'Propaganda e Publicidade', '02.03.03', ''],
  ['2.02.03', 'Feiras "Regionais"', '02.03.03', 'iu'],
  ['2.03', 'Despesas com Pessoal', '', 'g'],
  ['2.03.01', 'Salários', '02.02.01', ''],
  ['2.03.02', 'Pró-labore', '02.02.01', ''],
  ['2.03.03', 'FGTS e INSS', '02.02.01', ''],
  ['2.03.04', 'Vale Transporte & Refeição', '02.02.02', ''],
  ['2.03.05', 'Plano de Saúde', '02.02.02', ''],
  ['2.04', 'Despesas Administrativas', '', 'g'],
  ['2.04.01', 'Material de Escritório', '02.03.01', ''],
  ['2.04.02', 'Serviços Contábeis', '02.03.01', ''],
  ['2.04.03', 'Software e Licenças', '02.03.01', ''],
  ['2.04.04', 'Telefonia e Internet', '02.03.01', ''],
  ['2.04.05', 'Despesas Diversas (não usar)', '02.03.01', 'h'],
  ['2.05', 'Ocupação', '', 'g'],
  ['2.05.01', 'Aluguel', '02.03.02', ''],
  ['2.05.02', 'Energia Elétrica', '02.03.02', ''],
  ['2.05.03', 'Água e Esgoto', '02.03.02', ''],
  ['2.05.04', 'Manutenção Predial', '02.03.02', ''],
  ['2.06', 'Impostos e Taxas', '', 'g'],
  ['2.06.01', 'ISS', '01.02.01', ''],
  ['2.06.02', 'ICMS', '01.02.01', ''],
  ['2.06.03', 'PIS e COFINS', '01.02.01', ''],
  ['2.06.04', 'Simples Nacional', '01.02.01', ''],
  ['2.07', 'Despesas Financeiras', '', 'g'],
  ['2.07.01', 'Tarifas Bancárias', '02.04.01', ''],
  ['2.07.02', 'Juros Pagos', '02.04.01', ''],
  ['2.08', 'Investimentos', '', 'g'],
  ['2.08.01', 'Máquinas e Equipamentos', '03', ''],
  ['2.08.02', 'CPMF', '', 'i'],
];

export const dreLines = (): DreLine[] =>
  dreTable.map(([code, description, level, sign, total]) => ({
    code,
    description,
    level,
    sign,
    total: total === 'S',
    hidden: false,
  }));

export const categories = (): Category[] =>
  categoryTable.map(([code, description, dreCode, marks]) => ({
    code,
    description,
    dreCode,
    parent: code.includes('.') ? code.slice(0, code.lastIndexOf('.')) : '',
    group: marks.includes('g'),
    side: code.startsWith('1') ? 'revenue' : code.startsWith('2') ? 'expense' : 'other',
    transfer: marks.includes('t'),
    active: !marks.includes('i'),
    hidden: marks.includes('h'),
    userDefined: marks.includes('u'),
  }));

export const payableCategories = categoryTable.map(([code]) => code).filter(isUsable('2'));
export const receivableCategories = categoryTable.map(([code]) => code).filter(isUsable('1'));

function isUsable(side: string): (code: string) => boolean {
  const barred = new Set(categoryTable.filter(([, , , marks]) => /[gih]/.test(marks)).map(([code]) => code));
  return (code) => code.startsWith(side) && !barred.has(code);
}
