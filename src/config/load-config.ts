import { readFileSync } from 'node:fs';
import { parse as parseDotenv } from 'dotenv';
import { ConfigurationError } from '../errors.ts';
import { type Environment, environmentSchema, secretNames } from './environment.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** Flags of the command line under their environment names; they win over everything. */
  readonly flags?: Variables;
  /** Defaults to the process's own environment. */
  readonly variables?: Variables;
  /** Path of the `.env` file; missing is fine. */
  readonly dotenvPath?: string;
}

export interface LoadedConfig {
  readonly environment: Environment;
  /** The merged variables, for `${VAR}` in the credentials file. */
  readonly variables: Variables;
}

/**
 * Flag > environment > `.env` > default. All problems are reported together, by name and never by value.
 *
 * @throws ConfigurationError naming every setting that is wrong and what it accepts.
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const variables = { ...readDotenv(sources.dotenvPath ?? '.env'), ...(sources.variables ?? process.env) };
  const problems: string[] = [];
  const settings: Record<string, string | undefined> = {};
  for (const name of Object.keys(environmentSchema.shape)) {
    // An empty variable (`MCP_PORT=`) is how Compose files say "not set".
    settings[name] = sources.flags?.[name] ?? (variables[name] === '' ? undefined : variables[name]);
  }
  for (const name of secretNames) {
    const path = variables[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    if (settings[name] !== undefined) problems.push(`${name} e ${name}_FILE foram dados ao mesmo tempo: use só um`);
    else settings[name] = readSecretFile(name, path, problems);
  }
  const parsed = environmentSchema.safeParse(settings);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) {
    throw new ConfigurationError(`Configuração inválida:\n- ${problems.join('\n- ')}`, problems);
  }
  return { environment: parsed.data, variables };
}

function readDotenv(path: string): Variables {
  try {
    return parseDotenv(readFileSync(path));
  } catch {
    return {};
  }
}

/** The content of a secret mount; one trailing newline is trimmed, as the official container images do. */
function readSecretFile(name: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    problems.push(`${name}_FILE: o arquivo ${path} não pôde ser lido`);
    return undefined;
  }
}
