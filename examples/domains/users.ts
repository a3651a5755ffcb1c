// Domain "users", port 9103: who may buy.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { answer, readOnly, serveDomain } from './serve-domain.ts';

const users = [
  { id: 'ana', name: 'Ana Souza', role: 'buyer', active: true },
  { id: 'bruno', name: 'Bruno Lima', role: 'buyer', active: true },
  { id: 'carla', name: 'Carla Dias', role: 'admin', active: false },
] as const;

serveDomain('users', 9103, () => {
  const server = new McpServer({ name: 'users', version: '1.0.0' });
  server.registerTool(
    'list_users',
    {
      description: 'Lists users; only_active leaves out those who were switched off.',
      inputSchema: { only_active: z.boolean().default(false) },
      annotations: readOnly,
    },
    async ({ only_active }) => answer({ users: users.filter(({ active }) => active || !only_active) }),
  );
  server.registerTool(
    'get_user',
    { description: 'One user by id.', inputSchema: { id: z.string() }, annotations: readOnly },
    async ({ id }) => answer({ user: users.find((user) => user.id === id) ?? null }),
  );
  return server;
});
