import Fuse from 'fuse.js';
import { z } from 'zod';
import { isFields } from '../../protocol/json-rpc.ts';
import { type DefinedTool, defineTool } from '../../tools/define-tool.ts';
import type { Caller, ToolDescriptor } from '../../tools/tool-source.ts';

export interface SearchedTool {
  readonly domains: readonly string[];
  readonly descriptor: ToolDescriptor;
}

const schema = z.record(z.string(), z.json());
/**
 * Taken on trust: it was read as JSON, and of that only that it is an object is looked at. Its numbers may be exact ones, which
 * are written as numbers too.
 */
const isObjectReadAsJson = (given: unknown): given is z.output<typeof schema> => isFields(given);
const MAX_FOUND = 50;
/** Fuse's own scale: 0 is a perfect match, 1 none at all. */
const THRESHOLD = 0.35;
const MAX_WORDS = 12;

/** @param searched the tools in the caller's scope that it may use */
export function findTools(searched: (caller: Caller) => readonly SearchedTool[]): DefinedTool {
  return defineTool({
    name: 'find_tools',
    title: 'Procurar ferramentas',
    effect: 'read',
    description:
      'Procura ferramentas pelo que fazem, nos domínios selecionados, e mostra o nome e os argumentos de cada uma. Depois chame a escolhida, ou passe o nome dela a call_tool.',
    input: z.strictObject({
      query: z.string('deve ser um texto').trim().min(1, 'está vazio').max(200, 'passa de 200 caracteres'),
      domain: z.string('deve ser o nome de um domínio').optional().describe('Procura só neste domínio.'),
      limit: z
        .int('deve ser um número inteiro')
        .min(1, 'deve ser de 1 a 50')
        .max(MAX_FOUND, 'deve ser de 1 a 50')
        .default(10),
    }),
    output: z.object({
      tools: z.array(
        z.object({
          name: z.string(),
          domain: z.string(),
          description: z.string(),
          inputSchema: schema,
          score: z.number().describe('De 0 a 1; 1 é o melhor.'),
        }),
      ),
    }),
    async run({ query, domain, limit }, { context }) {
      const tools = searched(context).filter((tool) => domain === undefined || tool.domains.includes(domain));
      const found = rank(tools, query).slice(0, limit);
      return {
        tools: found.map(({ tool: { domains, descriptor }, score }) => ({
          name: descriptor.name,
          domain: domain ?? domains[0] ?? '',
          description: descriptor.description ?? '',
          inputSchema: isObjectReadAsJson(descriptor.inputSchema) ? descriptor.inputSchema : {},
          score: Math.round(score * 1_000) / 1_000,
        })),
      };
    },
  });
}

/** Best first: each word of the query is looked for on its own, and a tool counts for the share of them it has. */
function rank(tools: readonly SearchedTool[], query: string): { tool: SearchedTool; score: number }[] {
  const fuse = new Fuse(
    tools.map(({ descriptor: { name, title = '', description = '' } }) => ({ name, title, description })),
    {
      keys: [
        { name: 'name', weight: 2 },
        { name: 'title', weight: 1.5 },
        { name: 'description', weight: 1 },
      ],
      includeScore: true,
      ignoreLocation: true,
      ignoreDiacritics: true,
      threshold: THRESHOLD,
    },
  );
  const words = [...new Set(query.toLowerCase().split(/[\s_]+/))].filter((word) => word !== '').slice(0, MAX_WORDS);
  const scores = new Map<number, number>();
  for (const word of words) {
    for (const { refIndex, score = 1 } of fuse.search(word)) {
      scores.set(refIndex, (scores.get(refIndex) ?? 0) + (1 - score) / words.length);
    }
  }
  return [...scores]
    .sort(([left, a], [right, b]) => b - a || left - right)
    .flatMap(([index, score]) => {
      const tool = tools[index];
      return tool === undefined ? [] : [{ tool, score }];
    });
}
