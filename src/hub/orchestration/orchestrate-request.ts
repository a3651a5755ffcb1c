import { z } from 'zod';
import { stepSchema } from './trace.ts';

const MAX_REPLAYED = 50;
/** Characters, as JSON. */
const MAX_CONTEXT = 100_000;

export const orchestrateRequestSchema = z
  .strictObject({
    server_id: z
      .string()
      .max(100)
      .optional()
      .describe('Só as ferramentas deste servidor; sem ele, as dos domínios que combinam com o pedido.'),
    prompt: z.string().trim().min(1).max(20_000).optional().describe('O que fazer.'),
    context: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .refine((given) => JSON.stringify(given).length <= MAX_CONTEXT, `passa de ${MAX_CONTEXT} caracteres`)
      .optional()
      .describe('Dados que o modelo recebe com o pedido.'),
    mode: z
      .enum(['plan', 'run'])
      .default('run')
      .describe('plan: só leituras são feitas e o plano é mostrado; run: faz o que pode sem aprovação.'),
    max_steps: z
      .number()
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'Chamadas de ferramentas, no máximo, além das de um plano aprovado; padrão: 8. Com steps, quantos podem ser.',
      ),
    approve: z
      .boolean()
      .default(false)
      .describe(
        'Com digest: executa os passos daquele plano que alteram dados. O digest diz qual é o plano: server_id, prompt e context são dispensáveis, e recusados se não forem os dele.',
      ),
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'deve ser o digest de um plano')
      .optional(),
    steps: z
      .array(
        z.object({
          tool: z.string().max(200),
          arguments: z.record(z.string(), z.unknown()),
          status: stepSchema.shape.status.optional(),
        }),
      )
      .min(1)
      .max(MAX_REPLAYED)
      .optional()
      .describe(
        'Passos de uma execução anterior: são repetidos sem modelo. prompt e context só passam a fazer parte do digest.',
      ),
  })
  .refine(({ approve, digest }) => !approve || digest !== undefined, {
    path: ['digest'],
    message: 'approve pede o digest do plano',
  })
  .refine(({ approve, digest }) => approve || digest === undefined, {
    path: ['digest'],
    message: 'só vale com approve: true',
  })
  .refine(({ steps = [], max_steps: most }) => most === undefined || steps.length <= most, {
    path: ['steps'],
    message: 'são mais do que max_steps',
  })
  .refine(({ approve, mode }) => !approve || mode === 'run', { path: ['mode'], message: 'approve pede mode: run' })
  .refine(
    ({ prompt, digest, steps, approve }) =>
      prompt !== undefined || steps !== undefined || (approve && digest !== undefined),
    {
      path: ['prompt'],
      message: 'diga o que fazer',
    },
  )
  .meta({ id: 'OrchestrateRequest' });
export type OrchestrateRequest = z.output<typeof orchestrateRequestSchema>;
