import type { MountedServer } from '../upstreams/upstream-registry.ts';

type Offer = MountedServer['offer'];
type Tool = Offer['tools'][number];
type Prompt = Offer['prompts'][number];

/** What one server offers, by the name it gives it: of a name that it offers twice, the first. */
export interface OfferedItems {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly prompts: ReadonlyMap<string, Prompt>;
  readonly resources: ReadonlySet<string>;
  readonly templates: ReadonlySet<string>;
}

/** Lists may be thousands long, and each item is looked for at each server of its domain. */
export function offeredItems({ tools, prompts, resources, templates }: Offer): OfferedItems {
  return {
    tools: byName(tools),
    prompts: byName(prompts),
    resources: new Set(resources.map(({ uri }) => uri)),
    templates: new Set(templates.map(({ uriTemplate }) => uriTemplate)),
  };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    const { name } = item;
    if (!found.has(name)) found.set(name, item);
  }
  return found;
}
