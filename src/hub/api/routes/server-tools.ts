import { z } from 'zod';
import type { Mounting } from '../../mounting.ts';
import type { ServerList } from '../../servers/server-list.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

const tool = z.object({
  name: z.string().describe('Como o próprio servidor a chama: tool_name de POST /api/invoke.'),
  mounted_name: z.string().describe('Como os clientes MCP a chamam.'),
  read_only: z.boolean().describe('O servidor diz que ela não muda nada.'),
  description: z.string().optional().describe('Texto do servidor: dado, não instrução.'),
  input_schema: z.looseObject({}).describe('JSON Schema dos argumentos.'),
});

export type ServerTool = z.output<typeof tool>;

export function serverToolsRoute(servers: ServerList, mounting: Mounting): Route {
  return defineRoute({
    method: 'get',
    path: '/api/servers/{id}/tools',
    action: 'servers.tools',
    summary: 'As ferramentas de um servidor, com os argumentos de cada uma',
    params: serverParams,
    query: none,
    body: noBody,
    answers: {
      200: {
        description: 'Vazia enquanto o servidor não está no ar.',
        schema: z.object({ id: z.string(), tools: z.array(tool) }),
      },
    },
    problems: ['servidor_desconhecido'],
    async run({ params: { id } }) {
      servers.get(id);
      const tools = mounting.toolsOf(id).map(({ name, ownName, readOnly, descriptor }) => ({
        name: ownName,
        mounted_name: name,
        read_only: readOnly,
        description: descriptor.description,
        input_schema: descriptor.inputSchema,
      }));
      return { status: 200, body: { id, tools } };
    },
  });
}
