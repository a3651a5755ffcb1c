/** Variables that a Compose service names. Their values are shown where they are plain words, and never filled in. */
import { credentialsIn } from '../../gateway/config/upstream-secrets.ts';
import type { WantedVariable } from '../deploy/source.ts';
import { hiddenProblem } from '../safety/arguments.ts';
import { variableProblems } from '../safety/child-variables.ts';
import type { ComposeService, Refused } from './compose-file.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const MAX_VARIABLES = 50;
const MAX_SHOWN = 100;
/** `${NAME:?message}`: Compose itself does not start without it. */
const MANDATORY = /\$\{[A-Za-z_][A-Za-z0-9_]*:?\?/;

/** Of a list, `NAME=value` or `NAME`; of a map, null is a name without a value. */
export function wantedOf(
  environment: NonNullable<ComposeService['environment']>,
  file: string,
): { readonly wanted: readonly WantedVariable[]; readonly warnings: readonly string[] } | Refused {
  const entries = Array.isArray(environment) ? environment.map(pairOf) : Object.entries(environment);
  if (entries.length > MAX_VARIABLES) return { refused: `pede mais de ${MAX_VARIABLES} variáveis` };
  if (!entries.every(([name]) => NAME.test(name))) return { refused: 'tem um nome de variável que não é aceito' };
  const isGiveable = ([name]: readonly [string, string | null]): boolean =>
    variableProblems({ [name]: '' }, () => false).length === 0;
  const refused = entries.filter((entry) => !isGiveable(entry)).map(([name]) => name);
  return {
    wanted: entries.filter(isGiveable).map(([name, value]) => {
      const secret = credentialsIn({ [name]: '' }).length > 0;
      const shown = secret || value === null ? undefined : literal(value);
      return {
        name,
        ...(shown === undefined ? {} : { description: `No ${file}: ${shown}` }),
        required: value !== null && MANDATORY.test(value),
        secret,
      };
    }),
    warnings:
      refused.length === 0 ? [] : [`O ${file} pede variáveis que nenhum servidor recebe: ${refused.join(', ')}.`],
  };
}

/** What is between `${` and `}` Compose takes from the machine that it runs on. */
function literal(value: string): string | undefined {
  const isPlain = value !== '' && !value.includes('$') && value.length <= MAX_SHOWN;
  return isPlain && hiddenProblem(value) === undefined ? value : undefined;
}

function pairOf(text: string): [string, string | null] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}
