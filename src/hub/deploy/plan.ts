/** What a deployment would do, as `?dry_run=true` shows it. */
import { z } from 'zod';
import { visible } from '../../invisible-text.ts';
import type { Command, RunnerPlan } from '../runners/runner.ts';
import { methodSchema } from '../servers/server-record.ts';
import type { Source } from './source.ts';
import { sourceText, wantedVariable } from './source.ts';

export const planViewSchema = z.object({
  dry_run: z.literal(true),
  name: z.string(),
  domain: z.string(),
  source: z.string(),
  method: methodSchema,
  why: z
    .array(z.string())
    .describe('O que foi achado, por que se executa assim e, com auto, por que não das formas antes desta.'),
  commands: z
    .array(z.object({ command: z.string(), args: z.array(z.string()) }))
    .describe(
      'Exatamente o que seria iniciado, na ordem, sem shell; {folder} é a pasta do servidor, {id} o seu id. De um contêiner, os comandos do docker iguais às chamadas ao Engine.',
    ),
  image: z.string().optional().describe('A imagem do contêiner, com o digest que a tag tem agora.'),
  content: z.string().optional().describe('SHA-256 do que está na pasta; warnings diz o que não é coberto.'),
  env: z.array(z.string()).describe('Nomes das variáveis dadas.'),
  wanted: z.array(wantedVariable).describe('Variáveis que a fonte diz precisar.'),
  missing: z.array(z.string()).describe('As obrigatórias que não foram dadas.'),
  hosts: z.array(z.string()).describe('Servidores consultados para instalar.'),
  published_at: z.string().optional(),
  age_days: z.number().int().optional(),
  install_scripts: z
    .array(z.string())
    .optional()
    .describe('Scripts de instalação do pacote, que npx não executa; quais o E2B executa, warnings diz.'),
  looks_like: z.string().optional().describe('Pacote muito mais conhecido com quase o mesmo nome.'),
  warnings: z.array(z.string()),
});
export type PlanView = z.output<typeof planViewSchema>;

/** A plan that can be carried out. */
export interface Planned {
  readonly source: Source;
  readonly method: z.output<typeof methodSchema>;
  readonly why: readonly string[];
  readonly name: string;
  readonly domain: string;
  readonly runner: RunnerPlan;
  readonly env: Readonly<Record<string, string>>;
  /** Those of the request, or those that belong to the source. */
  readonly args: readonly string[];
  /** That of the request, or of the source: where it listens in its container. */
  readonly port?: number;
  /** A much better known package that this one may be taken for. */
  readonly looksLike?: string;
}

/** Required variables that were not given. */
export function missingIn({ runner, env }: Pick<Planned, 'runner' | 'env'>): string[] {
  return (runner.wanted ?? [])
    .filter(({ name, required }) => required && !Object.hasOwn(env, name))
    .map(({ name }) => name);
}

const DAY_MS = 86_400_000;

/** As it is shown: a person must see all of it, so what does not show is written out in each of its texts. */
export function planView(planned: Planned, now: Date): PlanView {
  const shown = (_key: string, value: unknown): unknown => (typeof value === 'string' ? visible(value) : value);
  return planViewSchema.parse(JSON.parse(JSON.stringify(planFacts(planned, now)), shown));
}

/** To the letter. */
export function planFacts(planned: Planned, now: Date): PlanView {
  const { source, method, why, name, domain, runner, env, looksLike } = planned;
  const { commands, image, content, hosts, publishedAt, installScripts, wanted = [], warnings } = runner;
  const published = publishedAt === undefined ? undefined : Date.parse(publishedAt);
  const age = published === undefined || Number.isNaN(published) ? undefined : now.getTime() - published;
  return {
    dry_run: true,
    name,
    domain,
    source: sourceText(source),
    method,
    why: [...why],
    commands: commands.map(({ command, args }: Command) => ({ command, args: [...args] })),
    ...(image === undefined ? {} : { image }),
    ...(content === undefined ? {} : { content }),
    env: Object.keys(env),
    wanted: [...wanted],
    missing: missingIn(planned),
    hosts: [...hosts],
    ...(publishedAt === undefined ? {} : { published_at: publishedAt }),
    ...(age === undefined ? {} : { age_days: Math.max(0, Math.floor(age / DAY_MS)) }),
    ...(installScripts === undefined ? {} : { install_scripts: [...installScripts] }),
    ...(looksLike === undefined ? {} : { looks_like: looksLike }),
    warnings: [...warnings],
  };
}
