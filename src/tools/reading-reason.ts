import type { IncompleteReason, ListReading } from '../omie/omie-client.ts';

/** Why a list is not whole, said to the person who asked, with what to do about it. Undefined when it is whole. */
export function explainReading(
  reading: Pick<ListReading<unknown>, 'complete' | 'reason' | 'totalPages'>,
  pageBudget: number,
  narrowBy: string,
): string | undefined {
  if (reading.complete) return undefined;
  return sentences[reading.reason ?? 'contagem_divergente'](pageBudget, narrowBy);
}

const unsettled = 'Repita a consulta em um minuto.';

const sentences: Record<IncompleteReason, (pageBudget: number, narrowBy: string) => string> = {
  orcamento_de_paginas: (pageBudget, narrowBy) =>
    `A consulta passa do limite de ${pageBudget} páginas do Omie e foi lida só em parte. Restrinja por ${narrowBy}.`,
  pagina_vazia: () => `O Omie devolveu uma página vazia no meio da lista: faltam registros. ${unsettled}`,
  pagina_repetida: () => `O Omie repetiu uma página em vez de devolver a seguinte: faltam registros. ${unsettled}`,
  lista_mudou: () => `A lista mudou no Omie durante a leitura. ${unsettled}`,
  contagem_divergente: () => `O Omie anunciou uma quantidade de registros diferente da que entregou. ${unsettled}`,
  tempo_esgotado: (_pageBudget, narrowBy) =>
    `O tempo de 30 segundos terminou antes do fim da lista, que foi lida só em parte. Restrinja por ${narrowBy}.`,
  limite_de_paginas: () => 'O Omie anunciou um número de páginas impossível; a leitura parou antes do fim.',
};
