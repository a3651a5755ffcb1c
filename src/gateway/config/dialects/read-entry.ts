import { z } from 'zod';
import { TOOL_GLOB } from '../../../access/tool-glob.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Dialect, Fields } from './dialect.ts';
import { fromDialect } from './reference-syntax.ts';

const text = z.string({ error: 'deve ser um texto' });
const texts = z.array(text, { error: 'deve ser uma lista de textos' });
/** Clients pass numbers and truths to programs as text. */
const plain = z.union([z.string(), z.number(), z.boolean()], { error: 'deve ser um texto' }).transform(String);
const map = z.record(z.string(), plain, { error: 'deve ser um mapa de nomes e textos' });
const truth = z.boolean({ error: 'deve ser true ou false' });

const entrySchema = z.looseObject(
  {
    type: text.optional(),
    command: text.optional(),
    args: z.array(plain, { error: 'deve ser uma lista de textos' }).optional(),
    env: map.optional(),
    cwd: text.optional(),
    url: text.optional(),
    serverUrl: text.optional(),
    httpUrl: text.optional(),
    headers: map.optional(),
    timeout: z.number({ error: 'deve ser um número' }).optional(),
    disabled: truth.optional(),
    enabled: truth.optional(),
    includeTools: texts.optional(),
    excludeTools: texts.optional(),
  },
  { error: 'deve ser um objeto com command ou url' },
);
type Entry = z.output<typeof entrySchema>;

const SPELLINGS: Readonly<Record<string, 'stdio' | 'sse' | 'http'>> = {
  stdio: 'stdio',
  sse: 'sse',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  streamable_http: 'http',
};

export type EntryReading =
  | { readonly fields: Fields; readonly warnings: readonly EntryProblem[] }
  | { readonly problems: readonly EntryProblem[] };
export type EntryProblem = readonly [path: readonly string[], message: string];

/**
 * What an entry of another client's file means in ours. Keys that say nothing to us are passed over: whoever asks keeps
 * them. Gemini's `url` is SSE and its `httpUrl` Streamable HTTP; elsewhere `type` tells, or a path that ends in `/sse`.
 * Only Gemini CLI and Claude Code say their `timeout` is in milliseconds; another client's is not guessed at.
 */
export function readEntry(raw: unknown, dialect: Dialect): EntryReading {
  const parsed = entrySchema.safeParse(raw);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => [
        path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))),
        message,
      ]),
    };
  }
  const entry = parsed.data;
  const target = targetOf(entry, dialect);
  if ('problem' in target) return { problems: [target.problem] };
  const warnings: EntryProblem[] = [];
  const ours = (value: string) => fromDialect(value, dialect);
  const oursIn = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, ours(value)]));
  const local = target.transport === 'stdio';
  const timeout = timeoutOf(entry, dialect, warnings);
  const tools = toolsOf(entry, dialect, warnings);
  const fields: Fields = {
    ...(local ? { command: ours(target.address) } : { url: ours(target.address), transport: target.transport }),
    ...(local && entry.args !== undefined ? { args: entry.args.map(ours) } : {}),
    ...(local && entry.env !== undefined ? { env: oursIn(entry.env) } : {}),
    ...(local && entry.cwd !== undefined && entry.cwd !== '' ? { cwd: ours(entry.cwd) } : {}),
    ...(!local && entry.headers !== undefined ? { headers: oursIn(entry.headers) } : {}),
    ...(timeout === undefined ? {} : { timeout }),
    ...(entry.disabled === true || entry.enabled === false ? { disabled: true } : {}),
    ...(tools === undefined ? {} : { tools }),
  };
  return { fields, warnings };
}

type Target = { readonly transport: 'stdio' | 'sse' | 'http'; readonly address: string };

function targetOf(entry: Entry, dialect: Dialect): Target | { readonly problem: EntryProblem } {
  const { type, command = '', url = '', serverUrl = '', httpUrl = '' } = entry;
  const said = type === undefined ? undefined : SPELLINGS[type];
  if (type !== undefined && said === undefined) {
    return { problem: [['type'], `deve ser stdio, sse ou http${didYouMean(type, Object.keys(SPELLINGS))}`] };
  }
  const address = httpUrl || url || serverUrl;
  if (command === '' && address === '') return { problem: [[], 'falta command ou url'] };
  const transport = said ?? (command === '' ? guessed(entry, dialect, address) : 'stdio');
  if (type === undefined && command !== '' && address !== '') {
    return { problem: [[], 'tem command e url: diga o type, ou deixe só um'] };
  }
  const wanted = transport === 'stdio' ? command : address;
  if (wanted !== '') return { transport, address: wanted };
  return { problem: [['type'], transport === 'stdio' ? 'pede command' : 'pede url'] };
}

function guessed({ httpUrl = '' }: Entry, dialect: Dialect, address: string): 'sse' | 'http' {
  if (httpUrl !== '') return 'http';
  if (dialect === 'gemini-cli') return 'sse';
  return URL.canParse(address) && new URL(address).pathname.endsWith('/sse') ? 'sse' : 'http';
}

/** Whether the dialect's own `timeout` is known to count milliseconds. */
export function countsMilliseconds(dialect: Dialect): boolean {
  return dialect === 'gemini-cli' || dialect === 'claude-code';
}

function timeoutOf({ timeout }: Entry, dialect: Dialect, warnings: EntryProblem[]): number | undefined {
  if (timeout === undefined) return undefined;
  if (!countsMilliseconds(dialect)) {
    warnings.push([['timeout'], 'sem unidade conhecida neste formato: guardado, mas não usado']);
    return undefined;
  }
  if (timeout >= 100 && timeout <= 3_600_000) return timeout / 1_000;
  warnings.push([['timeout'], 'fora de 0,1 a 3600 segundos: guardado, mas não usado']);
  return undefined;
}

function toolsOf(
  { includeTools, excludeTools }: Entry,
  dialect: Dialect,
  warnings: EntryProblem[],
): Fields | undefined {
  const lists = { include: includeTools, exclude: excludeTools };
  const given = Object.entries(lists).filter((list): list is [string, string[]] => list[1] !== undefined);
  if (given.length === 0) return undefined;
  if (dialect === 'gemini-cli' && given.every(([, names]) => names.every((name) => TOOL_GLOB.test(name)))) {
    return Object.fromEntries(given);
  }
  warnings.push([['includeTools'], 'listas de ferramentas que não são nomes: guardadas, mas não usadas']);
  return undefined;
}
