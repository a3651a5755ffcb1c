// Domain "products", port 9102: what the shop sells.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { answer, readOnly, serveDomain } from './serve-domain.ts';

const products = [
  { sku: 'PAO-001', name: 'Pão francês', price: 0.75, stock: 400 },
  { sku: 'CAFE-002', name: 'Café torrado 500 g', price: 34.9, stock: 12 },
  { sku: 'LEITE-003', name: 'Leite integral 1 l', price: 5.49, stock: 0 },
] as const;

serveDomain('products', 9102, () => {
  const server = new McpServer({ name: 'products', version: '1.0.0' });
  server.registerTool(
    'find_products',
    {
      description: 'Products whose name contains a text, with price in reais and stock.',
      inputSchema: { text: z.string() },
      annotations: readOnly,
    },
    async ({ text }) => {
      const wanted = text.toLocaleLowerCase('pt-BR');
      return answer({ products: products.filter(({ name }) => name.toLocaleLowerCase('pt-BR').includes(wanted)) });
    },
  );
  server.registerTool(
    'get_product',
    { description: 'One product by its SKU.', inputSchema: { sku: z.string() }, annotations: readOnly },
    async ({ sku }) => answer({ product: products.find((product) => product.sku === sku) ?? null }),
  );
  return server;
});
