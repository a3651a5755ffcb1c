/** What the servers that do nothing more than they must have in common. */
import type { OmieCategory } from '../omie-pages.ts';

export const handshake = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 'raw-work', version: '1' },
};

export function project(row: OmieCategory) {
  return {
    codigo: row.codigo,
    descricao: row.descricao,
    tipo: row.conta_receita === 'S' ? 'receita' : 'despesa',
    ativa: row.conta_inativa === 'N',
    totalizadora: row.totalizadora === 'S',
    categoria_superior: row.categoria_superior,
  };
}
