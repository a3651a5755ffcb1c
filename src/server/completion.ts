import type { Principal } from '../companies/principal.ts';
import { periods } from '../prompts/financial-analysis.ts';
import type { Caller } from '../tools/tool-source.ts';
import type { Completion, CompletionRequest } from './catalog.ts';

const maxValues = 100;

/** Companies by id or name, periods by name; always within the caller's scope. */
export function createCompleter(
  suggestCompanies: (prefix: string, principal: Principal) => readonly string[],
): (request: CompletionRequest, caller: Caller) => Completion {
  return ({ ref, argument }, { principal }) => {
    if (argument.name === 'company_id') return capped(suggestCompanies(argument.value, principal));
    if (argument.name === 'period' && ref.type === 'ref/prompt') {
      return capped(Object.keys(periods).filter((period) => period.startsWith(argument.value.toLowerCase())));
    }
    return capped([]);
  };
}

/** MCP allows 100 values an answer and wants to know of more. */
function capped(values: readonly string[]): Completion {
  return { values: values.slice(0, maxValues), total: values.length, hasMore: values.length > maxValues };
}
