import { isDeepStrictEqual } from 'node:util';
import { jsonPath } from '../../files/json-path.ts';
import { isRecord } from '../../files/read-json.ts';
import { containerOf, type Dialect, type Fields, OWN_KEY } from './dialects/dialect.ts';
import { type Invention, inventIds } from './dialects/invent-ids.ts';
import { readEntry } from './dialects/read-entry.ts';
import { writeEntry } from './dialects/write-entry.ts';
import type { GatewayFile, ServerEntry } from './gateway-schema.ts';
import { gatewayFileSchema } from './gateway-schema.ts';
import { explain } from './read-gateway-file.ts';

export type Imported =
  | { readonly file: GatewayFile; readonly warnings: readonly string[] }
  /** Lines begin with the path in the imported file and never hold a value. */
  | { readonly problems: readonly string[] };

/**
 * The servers of another client's file as ours. What has no place in our settings goes to `extra`, and
 * {@link exportServers} in the same dialect gives back what was read; references to variables are not replaced.
 */
export function importServers(root: unknown, dialect: Dialect): Imported {
  const container = containerOf(dialect);
  if (!isRecord(root) || !isRecord(root[container])) {
    return { problems: [`deve ser um objeto { "${container}": { … } }`] };
  }
  const { [container]: listed, [OWN_KEY]: own, ...rest } = root;
  const entries = Object.entries(isRecord(listed) ? listed : {});
  const inventions = inventIds(entries.map(([key]) => key));
  const readings = entries.map(([key, raw]) => importEntry(key, raw, inventions.get(key), dialect));
  const path = (steps: readonly string[], key: string) => jsonPath([container, key, ...steps]);
  const problems = readings.flatMap(({ key, problems }) => problems.map(([at, text]) => `${path(at, key)}: ${text}`));
  if (problems.length > 0) return { problems };

  const { extra, ...settings } = isRecord(own) ? own : {};
  const kept = extra ?? (Object.keys(rest).length === 0 ? undefined : rest);
  const ids = readings.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return { problems: [`${jsonPath([OWN_KEY, 'id'])}: dois servidores dizem ter o mesmo id`] };
  const parsed = gatewayFileSchema.safeParse({
    ...settings,
    mcp_servers: Object.fromEntries(readings.map(({ id, fields }) => [id, fields])),
    ...(kept === undefined ? {} : { extra: kept }),
  });
  if (!parsed.success) {
    return { problems: parsed.error.issues.flatMap(explain).map(([at, text]) => `${jsonPath(at)}: ${text}`) };
  }
  const warnings = readings.flatMap(({ key, warnings }) => warnings.map(([at, text]) => `${path(at, key)}: ${text}`));
  return { file: parsed.data, warnings };
}

/**
 * The file in another client's dialect, for its own use; what it has no words for stands under `x-omie-mcp-hub`, so that
 * importing the result gives the same file again.
 */
export function exportServers(file: GatewayFile, dialect: Dialect): Fields {
  const container = containerOf(dialect);
  const { mcp_servers: servers, extra, ...settings } = file;
  const keys = keysFor(servers);
  const inventions = inventIds(Object.values(keys));
  const entries = Object.entries(servers).map(([id, server]) => {
    const key = keys[id] ?? id;
    return [key, exportEntry(id, server, key, inventions.get(key), dialect)];
  });
  const { [container]: _listed, [OWN_KEY]: _own, ...others } = extra ?? {};
  const restored = Object.keys(others).length === 0 ? undefined : others;
  const own = { ...settings, ...(isDeepStrictEqual(restored, extra) ? {} : { extra }) };
  return {
    ...others,
    [container]: Object.fromEntries(entries),
    ...(Object.keys(own).length === 0 ? {} : { [OWN_KEY]: own }),
  };
}

interface ImportedEntry {
  readonly key: string;
  readonly id: string;
  readonly fields: Fields;
  readonly problems: readonly (readonly [readonly string[], string])[];
  readonly warnings: readonly (readonly [readonly string[], string])[];
}

function importEntry(key: string, raw: unknown, invented: Invention | undefined, dialect: Dialect): ImportedEntry {
  const { [OWN_KEY]: own, ...foreign } = isRecord(raw) ? raw : {};
  const reading = readEntry(isRecord(raw) ? foreign : raw, dialect);
  if ('problems' in reading) return { key, id: key, fields: {}, problems: reading.problems, warnings: [] };
  const { id: inventedId = key, ...names } = invented ?? {};
  const { id = inventedId, extra, ...said } = isRecord(own) ? own : {};
  const fields = withoutNulls({ ...names, ...reading.fields, ...said });
  const hasHistory = isRecord(own) && 'extra' in own;
  const found = hasHistory ? (extra ?? undefined) : extraOf(key, String(id), fields, foreign, own, invented, dialect);
  return {
    key,
    id: String(id),
    fields: found === undefined ? fields : { ...fields, extra: found },
    problems: [],
    warnings: reading.warnings,
  };
}

/** What export would not give back by itself: other keys, other spellings, and as `null` what was left unsaid. */
function extraOf(
  key: string,
  id: string,
  fields: Fields,
  foreign: Fields,
  own: unknown,
  invented: Invention | undefined,
  dialect: Dialect,
): Fields | undefined {
  const parsed = serverOf(fields);
  const standard = parsed === undefined ? {} : plainEntry(id, parsed, invented, dialect);
  const original = own === undefined ? foreign : { ...foreign, [OWN_KEY]: own };
  const names = new Set([...Object.keys(standard), ...Object.keys(original)]);
  const differing = [...names].filter((name) => !isDeepStrictEqual(standard[name], original[name]));
  const kept = Object.fromEntries(differing.map((name) => [name, original[name] ?? null]));
  const extra = { ...(id === key ? {} : { key }), ...(differing.length === 0 ? {} : { fields: kept }) };
  return Object.keys(extra).length === 0 ? undefined : extra;
}

/** The entry without its history: the dialect's own words, and under our key what they cannot say. */
function plainEntry(id: string, server: ServerEntry, invented: Invention | undefined, dialect: Dialect): Fields {
  const { extra: _extra, ...fields } = server;
  const words = writeEntry(server, dialect);
  const reading = readEntry(words, dialect);
  const { id: inventedId, ...names } = invented ?? { id: undefined };
  const understood: Fields = { ...names, ...('fields' in reading ? reading.fields : {}) };
  const wanted: Fields = fields;
  const differing = [...new Set([...Object.keys(understood), ...Object.keys(wanted)])].filter(
    (name) => !isDeepStrictEqual(understood[name], wanted[name]),
  );
  const own = {
    ...(inventedId === id ? {} : { id }),
    ...Object.fromEntries(differing.map((name) => [name, wanted[name] ?? null])),
  };
  return Object.keys(own).length === 0 ? words : { ...words, [OWN_KEY]: own };
}

/** Of these one wins over another: an old one beside the new would go unnoticed. */
const ADDRESSES: ReadonlySet<string> = new Set(['command', 'url', 'httpUrl', 'serverUrl']);

function exportEntry(
  id: string,
  server: ServerEntry,
  key: string,
  invented: Invention | undefined,
  dialect: Dialect,
): Fields {
  const { extra, ...fields } = server;
  const plain = plainEntry(id, server, invented, dialect);
  /** An edit since the import must win over how things once were spelled: whatever would undo it stays out. */
  const means = (entry: Fields) => {
    const back = importEntry(key, entry, invented, dialect);
    const { extra: _history, ...meant } = back.fields;
    return back.problems.length === 0 && back.id === id && isDeepStrictEqual(meant, fields);
  };
  const history = Object.entries(extra?.fields ?? {});
  const all = withHistory(plain, plain, history);
  const entry = means(all)
    ? all
    : history
        .filter(([name]) => !ADDRESSES.has(name))
        .reduce((soFar, one) => {
          const next = withHistory(soFar, plain, [one]);
          return means(next) ? next : soFar;
        }, plain);
  const back = importEntry(key, entry, invented, dialect).fields['extra'];
  if (isDeepStrictEqual(back, extra)) return entry;
  const { [OWN_KEY]: own, ...foreign } = entry;
  return { ...foreign, [OWN_KEY]: { ...(isRecord(own) ? own : {}), extra: extra ?? null } };
}

function withHistory(entry: Fields, plain: Fields, history: readonly (readonly [string, unknown])[]): Fields {
  const dropped = new Set(history.filter(([name, value]) => value === null && name in plain).map(([name]) => name));
  const merged = [...Object.entries(entry), ...history].filter(([name]) => !dropped.has(name));
  return Object.fromEntries(merged);
}

/** The names the servers had where they came from, as long as none is another's; else their ids. */
function keysFor(servers: Readonly<Record<string, ServerEntry>>): Readonly<Record<string, string>> {
  const keys = new Map(Object.entries(servers).map(([id, { extra }]) => [id, extra?.key ?? id]));
  const holder = new Map<string, string>();
  const waiting = [...keys.keys()];
  // Whoever has to go back to its id may find that a third one has that for its key, which goes back then too; an id is one
  // server's alone.
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const key = keys.get(id) ?? id;
    const other = holder.get(key);
    if (other === undefined) holder.set(key, id);
    else {
      const loser = key === id ? other : id;
      if (loser === other) holder.set(key, id);
      keys.set(loser, loser);
      waiting.push(loser);
    }
  }
  return Object.fromEntries(keys);
}

function serverOf(fields: Fields): ServerEntry | undefined {
  const parsed = gatewayFileSchema.safeParse({ mcp_servers: { one: fields } });
  return parsed.success ? parsed.data.mcp_servers['one'] : undefined;
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
