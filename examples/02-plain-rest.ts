// The same tools without MCP: plain JSON over HTTP, and a failure that says what to do.
import assert from 'node:assert/strict';
import { z } from 'zod';
import type { House } from './start-house.ts';

export async function run({ origin }: House): Promise<void> {
  const post = (tool: string, args: unknown): Promise<Response> =>
    fetch(`${origin}/tools/${tool}`, { method: 'POST', body: JSON.stringify(args) });

  const answer = await post('consultar_categorias_empresa', { company_id: 'empresa_001', tipo: 'despesa' });
  assert.equal(answer.status, 200);
  assert.ok((await jsonOf(answer)).resultado.total_de_registros > 0);

  const unknown = await post('consultar_categorias_empresa', { company_id: 'empresa_0001' });
  assert.equal(unknown.status, 404);
  const { erro } = await jsonOf(unknown);
  assert.equal(erro?.codigo, 'empresa_nao_encontrada');
  assert.match(erro?.sugestao ?? '', /empresa_001/);
  console.log(`  ${erro?.mensagem} ${erro?.sugestao}`);
}

const shape = z.object({
  resultado: z.object({ total_de_registros: z.number() }).default({ total_de_registros: 0 }),
  erro: z.object({ codigo: z.string(), mensagem: z.string(), sugestao: z.string() }).optional(),
});
async function jsonOf(response: Response): Promise<z.infer<typeof shape>> {
  return shape.parse(await response.json());
}
