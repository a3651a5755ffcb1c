/** Rows and pages as Omie's `ListarCategorias` sends them: 17 fields a row, about 27 KB for 50 rows. */
export type OmieCategory = ReturnType<typeof omieCategory>;

export function omieCategory(index: number) {
  const group = `2.${String(1 + Math.floor(index / 100)).padStart(2, '0')}`;
  const codigo = `${group}.${String(index % 100).padStart(2, '0')}`;
  return {
    codigo,
    descricao: `Despesa ${index}`,
    descricao_padrao: `Despesa operacional padrão ${index}`,
    tipo_categoria: '',
    definida_pelo_usuario: 'N',
    conta_inativa: index % 9 === 0 ? 'S' : 'N',
    conta_despesa: 'S',
    conta_receita: 'N',
    id_conta_contabil: 1_000 + index,
    tag_conta_contabil: '',
    nao_exibir: 'N',
    codigo_dre: `3.${index % 10}`,
    natureza: 'Despesas administrativas e operacionais da empresa',
    totalizadora: 'N',
    transferencia: 'N',
    categoria_superior: group,
    dadosDRE: {
      codigoDRE: `3.${index % 10}`,
      descricaoDRE: 'Despesas gerais',
      naoExibirDRE: 'N',
      nivelDRE: 2,
      sinalDRE: '-',
      totalizaDRE: 'N',
    },
  };
}

export function omiePage(page: number, size: number, totalPages: number): string {
  return JSON.stringify({
    pagina: page,
    total_de_paginas: totalPages,
    registros: size,
    total_de_registros: size * totalPages,
    categoria_cadastro: Array.from({ length: size }, (_, row) => omieCategory((page - 1) * size + row)),
  });
}
