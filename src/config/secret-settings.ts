import { readFileSync } from 'node:fs';
import { secretNames } from './environment.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where variables come from, the stronger source first. */
export interface VariableSources {
  readonly environment: Variables;
  readonly dotenv: Variables;
}

/**
 * Each secret, given as `NAME` or as the path `NAME_FILE`. A source that gives either wins over the weaker source, however
 * that one gives it; both in one source is a contradiction. Problems name the variable and never show a value.
 */
export function readSecrets(sources: VariableSources, problems: string[]): Record<string, string | undefined> {
  return Object.fromEntries(secretNames.map((name) => [name, readSecret(name, sources, problems)]));
}

function readSecret(name: string, sources: VariableSources, problems: string[]): string | undefined {
  const variables = { ...sources.dotenv, ...sources.environment };
  const fileName = `${name}_FILE`;
  const isGiven = (setting: string): boolean => (variables[setting] ?? '') !== '';
  if (isGiven(name) && isGiven(fileName)) {
    const inEnvironment = (setting: string): boolean => sources.environment[setting] !== undefined;
    if (inEnvironment(name) === inEnvironment(fileName)) {
      problems.push(`${name} e ${fileName} foram dados ao mesmo tempo: use só um`);
      return undefined;
    }
    return inEnvironment(name)
      ? checked(name, variables[name], problems)
      : checked(fileName, readSecretFile(fileName, variables[fileName], problems), problems);
  }
  if (isGiven(fileName)) return checked(fileName, readSecretFile(fileName, variables[fileName], problems), problems);
  if (isGiven(name)) return checked(name, variables[name], problems);
  if (name === 'MCP_STDIO_TOKEN' && variables[name] !== undefined) {
    // Elsewhere empty means "not set", as in Compose files. Here it is `"${ANA_TOKEN}"` of a client whose ANA_TOKEN is
    // missing, and "not set" would open every company on the pipe that was meant for Ana's.
    problems.push(`${name}: está vazio; dê o token, ou remova a variável para abrir o stdio a todas as empresas`);
  }
  return undefined;
}

/** A secret travels in headers and JSON: a line break inside it is a file of two, or a paste that went wrong. */
function checked(setting: string, value: string | undefined, problems: string[]): string | undefined {
  if (value === undefined) return undefined;
  const secret = value.trim();
  if (secret === '') problems.push(`${setting}: está vazio`);
  else if (/\p{Cc}/u.test(secret))
    problems.push(`${setting}: tem quebra de linha ou outro caractere de controle no meio; deve ser uma linha só`);
  else return secret;
  return undefined;
}

function readSecretFile(fileName: string, path = '', problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    problems.push(`${fileName}: o arquivo ${path} não pôde ser lido`);
    return undefined;
  }
}
