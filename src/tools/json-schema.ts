import { z } from 'zod';
import type { JsonObject } from './tool-source.ts';

/** A zod schema as the plain JSON Schema (2020-12) that lists show; made once when a tool is defined. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = jsonObject.parse(z.toJSONSchema(schema, { io }));
  return rest;
}

/**
 * The schema of a result that may also be a failure. Clients check `structuredContent` of failed calls against the
 * tool's `outputSchema` too, so one object schema admits both: all the fields of the answer, or `erro`. The root
 * stays `type: object`, which the 2025 revisions demand.
 */
export function withFailure(schema: JsonObject): JsonObject {
  const { properties, required, ...rest } = resultShape.parse(schema);
  return {
    ...rest,
    properties: { ...properties, erro: failure },
    anyOf: [{ required }, { required: ['erro'] }],
  };
}

const jsonObject = z.record(z.string(), z.json());
const resultShape = z
  .object({ type: z.literal('object'), properties: jsonObject, required: z.array(z.string()) })
  .catchall(z.json());

const failure = toJsonSchema(
  z
    .object({
      codigo: z.string().describe('Código estável, ex.: omie_indisponivel.'),
      mensagem: z.string().describe('O que aconteceu.'),
      empresa: z.string().optional(),
      tente_novamente: z.boolean().describe('Se repetir a mesma chamada pode dar certo.'),
      espera_segundos: z.number().int().optional().describe('Quanto esperar antes de repetir.'),
      sugestao: z.string().optional().describe('O que fazer.'),
      id_requisicao: z.string().optional().describe('Para achar a chamada no log do servidor.'),
    })
    .describe('Presente só quando a chamada falhou (isError).'),
  'output',
);
