/** What was done for a task, step by step: shown to the operator, and enough to do it again without a model. */
import { z } from 'zod';
import { partialProblemSchema } from '../problem.ts';

export const stepSchema = z
  .object({
    tool: z.string().describe('Nome da ferramenta no gateway.'),
    arguments: z.record(z.string(), z.unknown()),
    effect: z.enum(['read', 'write']).describe('write: a ferramenta não diz readOnlyHint e pede aprovação.'),
    status: z
      .enum(['done', 'failed', 'waiting', 'refused', 'not_run'])
      .describe(
        'done; failed: a ferramenta falhou; waiting: espera aprovação; refused: não foi chamada; not_run: um passo anterior falhou.',
      ),
    result: z.string().optional().describe('Começo da resposta, ou o motivo de não haver.'),
    ms: z.number().int().optional(),
  })
  .meta({ id: 'OrchestrationStep' });
export type Step = z.output<typeof stepSchema>;

export const planSchema = z
  .object({
    digest: z.string().describe('Aprova exatamente estes passos: mande approve: true e este digest.'),
    expires_at: z.string().describe('Depois disso, planeje de novo.'),
    steps: z.array(
      stepSchema.pick({ tool: true, arguments: true, effect: true }).extend({
        arguments_shown: z
          .string()
          .optional()
          .describe(
            'arguments em JSON, com um escape no lugar de cada caractere que não aparece; só onde há algum. É isto que se confere antes de aprovar.',
          ),
        destructive: z.boolean().describe('A ferramenta diz, ou não nega, que pode apagar ou sobrescrever.'),
      }),
    ),
  })
  .meta({ id: 'OrchestrationPlan' });
export type Plan = z.output<typeof planSchema>;

export const outcomeSchema = z
  .object({
    status: z
      .enum(['done', 'planned', 'needs_approval', 'incomplete'])
      .describe('needs_approval: há passos que alteram dados em plan; incomplete: stopped_by diz por quê.'),
    text: z.string().describe('A resposta do modelo; vazia onde nenhum foi perguntado.'),
    steps: z.array(stepSchema),
    model: z.string().optional(),
    tokens: z.object({ input: z.number().int(), output: z.number().int() }),
    tools: z.object({
      offered: z.number().int(),
      left_out: z.number().int(),
      domains: z
        .array(z.string())
        .describe('De que domínios são as ferramentas oferecidas: o que elas respondem vai ao provedor do modelo.'),
    }),
    plan: planSchema.optional(),
    stopped_by: z.enum(['max_steps', 'deadline', 'tokens', 'model', 'failed_step']).optional(),
    problem: partialProblemSchema.optional().describe('A falha do modelo, quando já havia passos feitos.'),
  })
  .meta({ id: 'OrchestrationOutcome' });
export type Outcome = z.output<typeof outcomeSchema>;

/** What is told while the work goes on. */
export type Progress =
  | { readonly event: 'step'; readonly data: Step }
  | { readonly event: 'text'; readonly data: { readonly text: string } };
