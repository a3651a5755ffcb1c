/** What a model is given with a question: the fitting domains, their resources, and the tools that only read. */
import { nameKey } from '../../companies/name-key.ts';
import { roundedNumbers } from '../../protocol/exact-number.ts';
import { mountTable } from '../mount/mount-table.ts';
import type { Gathered } from '../resources/gather.ts';
import type { CandidateRef, MountedServer } from '../upstreams/upstream-registry.ts';
import type { ModelTool } from './language-model.ts';

/** Characters of resources given with the question; a model's memory is not a warehouse. */
const MAX_CONTEXT = 200_000;
const MIN_WORD = 4;

/** As much of a server as is needed to tell what it is about. */
export interface DescribedServer {
  readonly name: string;
  readonly config: { readonly domains: readonly string[]; readonly capabilities: readonly string[] };
  readonly offer: { readonly tools: readonly Named[]; readonly resources: readonly Named[] };
}
interface Named {
  readonly name: string;
}

/**
 * The domains whose names, capabilities, tools or resources share a word with the question, and those whose entities it
 * names; all of them when there is none: a question that names nothing may be about anything.
 */
export function fittingDomains(
  query: string,
  servers: readonly DescribedServer[],
  named: readonly string[] = [],
): readonly string[] {
  const asked = wordsOf(query);
  const domains = [...new Set(servers.flatMap(({ config }) => config.domains))];
  const fitting = domains.filter(
    (domain) =>
      named.includes(domain) ||
      servers.some(({ name, config, offer }) => {
        if (!config.domains.includes(domain)) return false;
        const said = [
          domain,
          name,
          ...config.capabilities,
          ...offer.tools.map((tool) => tool.name),
          ...offer.resources.map((resource) => resource.name),
        ];
        return wordsOf(said.join(' ')).some((word) => asked.some((other) => isSameWord(word, other)));
      }),
  );
  return fitting.length > 0 ? fitting : domains;
}

const wordsOf = (text: string): string[] =>
  nameKey(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= MIN_WORD);

/** `pedido` and `pedidos`, `order` and `orders`: one begins with the other, and not much follows. */
function isSameWord(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.startsWith(short) && long.length - short.length <= 2;
}

export interface QueryTool {
  readonly tool: ModelTool;
  readonly candidates: readonly CandidateRef[];
}

/** Tools of the domains that change nothing, as the gateway itself would mount and ask them: by mounted name. */
export function readTools(
  domains: readonly string[],
  servers: readonly MountedServer[],
): ReadonlyMap<string, QueryTool> {
  const tools = new Map<string, QueryTool>();
  for (const [name, { ref, candidates, descriptor }] of mountTable(servers).tools) {
    const ofDomains = candidates.some((one) => one.domains.some((domain) => domains.includes(domain)));
    if (!ref.readOnly || !ofDomains) continue;
    const { description = '', inputSchema } = descriptor;
    tools.set(name, { tool: { name, description, inputSchema: roundedNumbers(inputSchema) }, candidates });
  }
  return tools;
}

export interface QuerySource {
  readonly server: string;
  readonly uri?: string;
  readonly tool?: string;
}

/** Texts only; what no longer fits is left out, in priority order. */
export function contextText({ servers }: Gathered): {
  readonly text: string;
  readonly sources: readonly QuerySource[];
} {
  const parts: string[] = [];
  const sources: QuerySource[] = [];
  let left = MAX_CONTEXT;
  for (const [server, { resources }] of Object.entries(servers)) {
    for (const [uri, { name, contents }] of Object.entries(resources)) {
      const text = contents.flatMap((one) => (one.text === undefined ? [] : [one.text])).join('\n');
      if (text === '' || text.length > left) continue;
      left -= text.length;
      parts.push(JSON.stringify({ server, uri, name, text }));
      sources.push({ server, uri });
    }
  }
  return { text: parts.join('\n'), sources };
}
