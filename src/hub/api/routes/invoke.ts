import { z } from 'zod';
import type { InvokeTool } from '../../servers/invoke-tool.ts';
import { defineRoute, none, type Route } from '../route.ts';

const body = z
  .strictObject({
    server_id: z.string().max(100).describe('Id do servidor.'),
    tool_name: z.string().min(1).max(200).describe('Nome da ferramenta, como o servidor a chama.'),
    args: z.record(z.string(), z.unknown()).default({}).describe('Argumentos da ferramenta.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(60)
      .default(60)
      .describe('Prazo da chamada: depois dele o servidor é avisado do cancelamento e a resposta é um problema.'),
  })
  .meta({ id: 'InvokeRequest' });

const answer = z
  .object({
    server_id: z.string(),
    tool_name: z.string(),
    is_error: z.boolean().describe('A própria ferramenta diz que falhou.'),
    result: z.looseObject({}).describe('O CallToolResult do MCP, como o servidor respondeu.'),
    ms: z.number().int(),
  })
  .meta({ id: 'InvokeResult' });
export type InvokeResult = z.output<typeof answer>;

export function invokeRoute(invoke: InvokeTool): Route {
  return defineRoute({
    method: 'post',
    path: '/api/invoke',
    action: 'invoke',
    summary: 'Chama uma ferramenta de um servidor implantado',
    params: none,
    query: none,
    body,
    answers: { 200: { description: 'A resposta da ferramenta.', schema: answer } },
    problems: [
      'pedido_recusado',
      'servidor_desconhecido',
      'ferramenta_desconhecida',
      'conflito_de_estado',
      'em_quarentena',
      'servidor_recusou',
      'servidor_indisponivel',
      'resultado_desconhecido',
    ],
    async run(
      { body: { server_id: id, tool_name: tool, args, timeout_seconds: seconds } },
      { signal, requestId, about },
    ) {
      about(`${id} ${tool}`);
      const startedAt = performance.now();
      const { resultText, isError } = await invoke(id, tool, args, { signal, requestId, timeoutMs: seconds * 1_000 });
      const ms = Math.round(performance.now() - startedAt);
      const rest = JSON.stringify({ server_id: id, tool_name: tool, is_error: isError, ms });
      return { status: 200, json: `${rest.slice(0, -1)},"result":${resultText}}` };
    },
  });
}
