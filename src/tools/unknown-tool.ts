import { distance } from 'fastest-levenshtein';
import { NotFoundError } from '../errors.ts';
import type { ToolDescriptor } from './tool-source.ts';

/** More names than these say nothing to whoever reads them. */
const MAX_NAMES = 20;

/** @param visible what this caller is shown through this door: nothing else is suggested */
export function unknownTool(name: string, visible: readonly Pick<ToolDescriptor, 'name'>[]): NotFoundError {
  const names = visible.map((tool) => tool.name);
  return new NotFoundError(`Não existe a ferramenta ${JSON.stringify(name.slice(0, 80))}.`, {
    hint:
      names.length <= MAX_NAMES
        ? `Ferramentas disponíveis: ${names.join(', ') || 'nenhuma'}.`
        : `Você quis dizer ${nearest(name, names).join(', ')}? São ${names.length} ferramentas; tools/list mostra todas.`,
  });
}

/** The names that look most like it, with or without the domain before them. */
function nearest(wanted: string, names: readonly string[]): string[] {
  const text = wanted.slice(0, 64).toLowerCase();
  const edits = (name: string): number => {
    const plain = name.toLowerCase();
    return Math.min(distance(text, plain), distance(text, plain.slice(plain.indexOf('__') + 2)));
  };
  return names
    .map((name) => ({ name, edits: edits(name) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 5)
    .map(({ name }) => name);
}
