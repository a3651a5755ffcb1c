// Walking the pages: the pages together are exactly the total that each of them announces.
import assert from 'node:assert/strict';
import { z } from 'zod';
import type { House } from './start-house.ts';

const page = z.object({
  resultado: z.object({ itens: z.array(z.object({ id: z.number(), saldo_em_aberto: z.number() })) }),
  totais: z.object({ saldo_em_aberto: z.number(), quantidade: z.number(), abrangencia: z.literal('consulta') }),
  completo: z.boolean(),
  proxima_pagina: z.number().optional(),
});

export async function run({ origin }: House): Promise<void> {
  const ids = new Set<number>();
  let centavos = 0;
  let pagina: number | undefined = 1;
  let last: z.infer<typeof page> | undefined;
  while (pagina !== undefined) {
    const response: Response = await fetch(`${origin}/tools/consultar_contas_pagar_empresa`, {
      method: 'POST',
      body: JSON.stringify({ company_id: 'empresa_002', situacao: 'em_aberto', pagina, registros_por_pagina: 25 }),
    });
    last = page.parse(await response.json());
    for (const item of last.resultado.itens) {
      ids.add(item.id);
      centavos += Math.round(item.saldo_em_aberto * 100);
    }
    pagina = last.proxima_pagina;
  }
  assert.equal(last?.completo, true);
  assert.equal(ids.size, last?.totais.quantidade);
  assert.equal(centavos, Math.round((last?.totais.saldo_em_aberto ?? 0) * 100));
  console.log(`  ${ids.size} títulos a pagar em aberto, R$ ${(centavos / 100).toFixed(2)}`);
}
