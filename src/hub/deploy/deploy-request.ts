import { z } from 'zod';
import { methodSchema } from '../servers/server-record.ts';

/** What is accepted at all; what of it is safe is judged by `safety/` before anything is looked up or started. */
export const deployRequestSchema = z.strictObject({
  github_url: z
    .string()
    .max(500)
    .optional()
    .describe('Repositório: https://github.com/dono/repositorio, ou …/tree/ramo/pasta; é fixado num commit.'),
  package: z.string().max(300).optional().describe('Pacote npm com versão exata: nome@1.2.3.'),
  image: z
    .string()
    .max(500)
    .optional()
    .describe('Imagem de contêiner com tag (menos latest) ou @sha256:…; a tag é fixada no digest que tem agora.'),
  registry_name: z
    .string()
    .max(300)
    .optional()
    .describe('Nome no registro MCP: dominio/servidor, ou dominio/servidor@1.2.3; sem versão, a última.'),
  folder: z.string().max(200).optional().describe('Subpasta de HUB_LOCAL_DIR.'),
  method: z
    .enum(['auto', ...methodSchema.options])
    .default('auto')
    .describe('Como executar; auto escolhe e diz por quê.'),
  name: z.string().min(1).max(80).optional().describe('Nome para pessoas; padrão: o da fonte.'),
  domain: z.string().max(16).optional().describe('Domínio das ferramentas no gateway; padrão: a partir do nome.'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(
      'Porta em que o servidor escuta no contêiner, se usa HTTP; sem ela, fala por stdin e stdout. Só com docker: com os outros métodos o pedido é recusado (422).',
    ),
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe('Variáveis do servidor; nada mais do ambiente chega a ele.'),
  args: z.array(z.string()).default([]).describe('Argumentos do servidor, um por item; nunca passam por um shell.'),
});
export type DeployRequest = z.output<typeof deployRequestSchema>;
