// "O que está vencido em todas as empresas?" – every company in parallel over Streamable HTTP, totals checked.
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { House } from './start-house.ts';

const companies = z.object({ empresas: z.array(z.object({ id: z.string(), nome: z.string() })) });
const page = z.object({
  totais: z.object({
    saldo_em_aberto: z.number(),
    quantidade: z.number(),
    abrangencia: z.enum(['consulta', 'pagina']),
  }),
});

export async function run({ origin, simulator }: House): Promise<void> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
  const { empresas } = companies.parse((await client.callTool({ name: 'listar_empresas' })).structuredContent);
  assert.equal(empresas.length, 3);

  const rows = await Promise.all(
    empresas.map(async ({ id, nome }) => {
      const answer = await client.callTool({
        name: 'consultar_contas_receber_empresa',
        arguments: { company_id: id, apenas_vencidas: true },
      });
      return { id, nome, totais: page.parse(answer.structuredContent).totais };
    }),
  );
  for (const { id, nome, totais } of rows) {
    // The total covers every overdue title, not the page shown – and it is the one the books hold.
    assert.equal(totais.abrangencia, 'consulta');
    const books = simulator.store.totals(id, { kind: 'receivable', situation: 'overdue' });
    assert.equal(Math.round(totais.saldo_em_aberto * 100), books.open);
    console.log(`  ${nome}: R$ ${totais.saldo_em_aberto.toFixed(2)} em ${totais.quantidade} títulos vencidos`);
  }
  await client.close();
}
