// Domain "invoicing", port 9101: invoices of a small shop.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { answer, readOnly, serveDomain } from './serve-domain.ts';

const invoices = [
  { number: 'NF-1001', user: 'ana', product: 'PAO-001', quantity: 120, total: 90, status: 'open' },
  { number: 'NF-1002', user: 'bruno', product: 'CAFE-002', quantity: 10, total: 349, status: 'paid' },
  { number: 'NF-1003', user: 'ana', product: 'CAFE-002', quantity: 2, total: 69.8, status: 'open' },
] as const;

serveDomain('invoicing', 9101, () => {
  const server = new McpServer({ name: 'invoicing', version: '1.0.0' });
  server.registerTool(
    'list_invoices',
    {
      description: 'Lists invoices, all of them or those in one status. Totals are in reais.',
      inputSchema: { status: z.enum(['open', 'paid']).optional() },
      annotations: readOnly,
    },
    async ({ status }) => {
      const found = invoices.filter((invoice) => status === undefined || invoice.status === status);
      return answer({ invoices: found, total: found.reduce((sum, { total }) => sum + total, 0) });
    },
  );
  server.registerTool(
    'get_invoice',
    { description: 'One invoice by its number.', inputSchema: { number: z.string() }, annotations: readOnly },
    async ({ number }) => answer({ invoice: invoices.find((invoice) => invoice.number === number) ?? null }),
  );
  return server;
});
