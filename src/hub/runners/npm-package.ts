/** What the npm registry says of one version, asked through npm itself: the operator's registry, proxy and keys apply. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../logging/logger.ts';
import { HubError } from '../problem.ts';
import { diskProblem } from '../servers/data-disk.ts';
import { askNpm, readAnswer } from './npm-question.ts';
import type { RunOptions } from './run-command.ts';

const text = z.string();
const packageSchema = z.object({
  name: text,
  version: text,
  bin: z.union([text, z.record(z.string(), text)]).optional(),
  scripts: z.record(z.string(), z.string()).catch({}).optional(),
  deprecated: z.union([text, z.boolean()]).optional(),
  time: z.record(z.string(), z.unknown()).optional(),
});
const errorSchema = z.object({ error: z.object({ code: z.string().optional() }) });

export interface NpmPackage {
  /** Path inside the package of the program that `npx` would run. */
  readonly bin: string;
  readonly publishedAt: string | undefined;
  readonly installScripts: readonly string[];
  readonly deprecated: string | undefined;
}

const FIELDS = ['name', 'version', 'bin', 'scripts', 'deprecated', 'time'];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

export interface NpmParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** Of npm; never of what it installs. */
  readonly installerEnvironment: Readonly<Record<string, string>>;
  readonly npmRegistry?: string | undefined;
}

export interface NpmSettings {
  /** Options of npm that say whom it asks, and how patiently. */
  readonly args: readonly string[];
  /** For installing, which happens again with each deployment. */
  readonly env: Readonly<Record<string, string>>;
}

export function npmSettings({ dataDir, installerEnvironment, npmRegistry }: NpmParts): NpmSettings {
  return {
    args: [
      // Its own patience is minutes, and somebody waits for the answer.
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
      ...(npmRegistry === undefined ? [] : [`--registry=${npmRegistry}`]),
    ],
    env: { ...installerEnvironment, npm_config_cache: join(dataDir, 'npm-cache') },
  };
}

/** @throws HubError (`fonte_desconhecida`, `fonte_indisponivel`, `sem_executor`, `disco_indisponivel`) */
export type LookUpNpm = (
  spec: { readonly name: string; readonly version: string },
  signal: AbortSignal,
) => Promise<NpmPackage>;

export function npmLookUp(parts: NpmParts): LookUpNpm {
  const { args, env } = npmSettings(parts);
  const { dataDir: cwd, logger } = parts;
  return (spec, signal) => readNpmPackage(spec, args, { cwd, env, logger, signal });
}

async function readNpmPackage(
  { name, version }: { readonly name: string; readonly version: string },
  registryArgs: readonly string[],
  options: RunOptions,
): Promise<NpmPackage> {
  const spec = `${name}@${version}`;
  const args = ['view', '--json', ...registryArgs, '--', spec, ...FIELDS];
  const { exitCode, stdout } = await askNpm(args, options);
  const answer = readAnswer(stdout);
  const code = errorSchema.safeParse(answer).data?.error.code;
  // Its folder was made a moment ago: what is not allowed is to connect.
  const disk = code === 'EACCES' || code === 'EPERM' ? undefined : diskProblem(code);
  if (disk !== undefined) throw disk;
  if (code === 'E404' || code === 'ETARGET' || (exitCode === 0 && stdout.trim() === '')) {
    throw new HubError('fonte_desconhecida', `O registro npm não tem ${spec}.`, {
      hint: `Confira o nome e a versão: npm view ${name} versions.`,
    });
  }
  const found = packageSchema.safeParse(answer);
  if (exitCode !== 0 || !found.success || found.data.version !== version || found.data.name !== name) {
    throw new HubError(
      'fonte_indisponivel',
      `O registro npm não respondeu sobre ${spec}${code === undefined ? '' : ` (${code})`}.`,
      {
        hint: 'Tente de novo em instantes; HUB_NPM_REGISTRY escolhe outro registro.',
      },
    );
  }
  const { bin, scripts = {}, deprecated, time = {} } = found.data;
  const publishedAt = time[version];
  return {
    bin: programOf(spec, name, bin),
    publishedAt: typeof publishedAt === 'string' ? publishedAt : undefined,
    installScripts: INSTALL_SCRIPTS.filter((script) => Object.hasOwn(scripts, script)),
    deprecated: typeof deprecated === 'string' ? deprecated : undefined,
  };
}

/** As `npx` chooses: the only program, or the one that has the package's own name. */
function programOf(spec: string, name: string, bin: z.output<typeof packageSchema>['bin']): string {
  const programs = typeof bin === 'string' ? { [name]: bin } : (bin ?? {});
  const paths = [...new Set(Object.values(programs))];
  const path = paths.length === 1 ? paths[0] : programs[name.replace(/^@[^/]*\//, '')];
  if (path === undefined) {
    throw new HubError(
      'sem_executor',
      `${spec} não é um programa: não declara bin, ou declara vários sem dizer qual.`,
      {
        hint: 'Confira se é mesmo um servidor MCP.',
      },
    );
  }
  const plain = path.replace(/^\.\//, '');
  if (/^[A-Za-z0-9@_][\w@./-]*$/.test(plain) && !plain.split('/').includes('..')) return plain;
  throw new HubError('sem_executor', `${spec} declara um programa fora do próprio pacote.`);
}
