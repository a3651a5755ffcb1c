import { NotFoundError } from '../errors.ts';
import type { PromptDescriptor } from './prompt-source.ts';

const MAX_NAMES = 20;

/** @param visible what this caller is shown through this door: nothing else is suggested */
export function unknownPrompt(name: string, visible: readonly Pick<PromptDescriptor, 'name'>[]): NotFoundError {
  const names = visible.slice(0, MAX_NAMES).map((prompt) => prompt.name);
  const more = visible.length - names.length;
  return new NotFoundError(`Não existe o prompt ${JSON.stringify(name.slice(0, 80))}.`, {
    hint: `Prompts disponíveis: ${names.join(', ') || 'nenhum'}${more > 0 ? ` e mais ${more}` : ''}.`,
  });
}
