/** What a call asks for, in Portuguese, for the sentence that says that nobody could answer. */
import { COMPLETE, PROMPTS_GET, RESOURCES_READ, type ServedMethod, TOOLS_CALL } from '../../protocol/methods.ts';

export function subjectOf(method: ServedMethod, name: string): string {
  switch (method) {
    case TOOLS_CALL:
      return `a ferramenta "${name}"`;
    case RESOURCES_READ:
      return `o recurso "${name}"`;
    case PROMPTS_GET:
      return `o prompt "${name}"`;
    case COMPLETE:
      return 'a sugestão de valores';
  }
}
