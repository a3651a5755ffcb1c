import { isRecord } from '../../files/read-json.ts';
import type { Variables } from '../../files/variables.ts';
import { foldedId } from './cross-checks.ts';
import { didYouMean } from './did-you-mean.ts';
import { fitToPlace } from './fit-to-place.ts';
import { knownKeys } from './gateway-schema.ts';

const PREFIX = 'GATEWAY__';
const LISTS: ReadonlySet<string> = new Set(['domains', 'capabilities', 'args', 'include', 'exclude']);

export interface Overridden {
  readonly root: unknown;
  /** The variable behind a path, under the path's JSON text: problems name it instead of a line. */
  readonly sources: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/**
 * Lays `GATEWAY__ORCHESTRATION__FAIL_FAST=true` and `GATEWAY__MCP_SERVERS__<ID>__URL=…` over the file. Ids are compared
 * without case, with `-` written as `_`. Lists are given with commas or as JSON; an empty variable counts as unset. Only
 * servers of the file can be changed: a slip in an id must not become a new server.
 */
export function applyOverrides(root: unknown, variables: Variables): Overridden {
  const sources = new Map<string, string>();
  const problems: string[] = [];
  let changed = root;
  for (const [name, value] of Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(PREFIX) || value === undefined || value === '') continue;
    const place = locate(name.slice(PREFIX.length).split('__'), root);
    if ('problem' in place) problems.push(`${name}: ${place.problem}`);
    else {
      sources.set(JSON.stringify(place.path), name);
      changed = withValue(changed, place.path, valueFor(value, place.path));
    }
  }
  return { root: changed, sources, problems };
}

type Place = { readonly path: readonly string[] } | { readonly problem: string };

function locate(steps: readonly string[], root: unknown): Place {
  const [section = '', ...rest] = steps;
  if (section === 'ORCHESTRATION') return within(['orchestration'], rest);
  if (section !== 'MCP_SERVERS')
    return { problem: 'deve começar por GATEWAY__ORCHESTRATION__ ou GATEWAY__MCP_SERVERS__' };
  const [wanted = '', ...inner] = rest;
  const servers = isRecord(root) && isRecord(root['mcp_servers']) ? root['mcp_servers'] : {};
  const id = Object.keys(servers).find((known) => foldedId(known) === foldedId(wanted));
  if (id !== undefined) return within(['mcp_servers', id], inner, servers[id]);
  return { problem: `o arquivo não tem este servidor${didYouMean(wanted.toLowerCase(), Object.keys(servers))}` };
}

function within(base: readonly string[], steps: readonly string[], entry?: unknown): Place {
  const [step = '', ...rest] = steps;
  const key = step.toLowerCase();
  const [, isServer] = base;
  if (isServer !== undefined && base.length === 2 && (key === 'env' || key === 'headers') && rest.length === 1) {
    return { path: [...base, key, mapKey(key, rest[0] ?? '', entry)] };
  }
  const keys = knownKeys(base).filter((known) => known !== 'extra');
  if (!keys.includes(key)) return { problem: `chave desconhecida${didYouMean(key, keys)}` };
  const path = [...base, key];
  const inner = knownKeys(path);
  const holdsMore = inner.length > 0 && base[0] === 'mcp_servers';
  if (rest.length > 0 && holdsMore) return within(path, rest);
  const isMap = holdsMore || ['env', 'headers', 'aliases'].includes(key);
  return rest.length > 0 || isMap ? { problem: 'não é um valor único do arquivo' } : { path };
}

/** Names of headers have `-` where a variable's name cannot; a header of the file is found under its own spelling. */
function mapKey(map: 'env' | 'headers', name: string, entry: unknown): string {
  if (map === 'env') return name;
  const header = name.toLowerCase().replaceAll('_', '-');
  const present = isRecord(entry) && isRecord(entry['headers']) ? Object.keys(entry['headers']) : [];
  return present.find((known) => known.toLowerCase().replaceAll('_', '-') === header) ?? header;
}

function valueFor(text: string, path: readonly string[]): unknown {
  if (!LISTS.has(path.at(-1) ?? '') || path.includes('env') || path.includes('headers')) return fitToPlace(text, path);
  if (text.trimStart().startsWith('[')) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function withValue(tree: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const map = isRecord(tree) ? tree : {};
  return { ...map, [step]: withValue(map[step], rest, value) };
}
