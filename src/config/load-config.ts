import { readFileSync } from 'node:fs';
import { parse as parseDotenv } from 'dotenv';
import { ConfigurationError } from '../errors.ts';
import { type Environment, environmentSchema } from './environment.ts';
import { readSecrets } from './secret-settings.ts';

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
  const { dotenv, environment, variables } = gathered(sources);
  const problems: string[] = [];
  const settings: Record<string, string | undefined> = {};
  for (const name of Object.keys(environmentSchema.shape)) {
    // An empty variable (`MCP_PORT=`) is how Compose files say "not set".
    settings[name] = sources.flags?.[name] ?? (variables[name] === '' ? undefined : variables[name]);
  }
  Object.assign(settings, readSecrets({ environment, dotenv }, problems));
  const parsed = environmentSchema.safeParse(settings);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) {
    // A number may miss its range in more ways than one, and each says the same.
    const lines = [...new Set(problems)];
    throw new ConfigurationError(`Configuração inválida:\n- ${lines.join('\n- ')}`, lines);
  }
  return { environment: parsed.data, variables };
}

/** Environment over `.env`, as they are: for commands that ask for a name or two and can do without the rest being right. */
export function readVariables(sources: Omit<ConfigSources, 'flags'> = {}): Variables {
  return gathered(sources).variables;
}

function gathered({ dotenvPath = '.env', variables: environment = process.env }: ConfigSources) {
  const dotenv = readDotenv(dotenvPath);
  return { dotenv, environment, variables: { ...dotenv, ...environment } };
}

function readDotenv(path: string): Variables {
  try {
    return parseDotenv(readFileSync(path));
  } catch {
    return {};
  }
}
