import type { ServerEntry } from '../gateway-schema.ts';
import type { Dialect, Fields } from './dialect.ts';
import { countsMilliseconds } from './read-entry.ts';
import { toDialect } from './reference-syntax.ts';

/** An entry as the dialect's own client understands it best; what it has no words for is left out. */
export function writeEntry(server: ServerEntry, dialect: Dialect): Fields {
  const { command, timeout, disabled, tools } = server;
  return {
    ...(command === undefined ? remote(server, dialect) : local(server, dialect, command)),
    ...(timeout === undefined || !countsMilliseconds(dialect) ? {} : { timeout: Math.round(timeout * 1_000) }),
    ...(disabled === true ? { disabled } : {}),
    ...(dialect === 'gemini-cli' && tools?.include !== undefined ? { includeTools: tools.include } : {}),
    ...(dialect === 'gemini-cli' && tools?.exclude !== undefined ? { excludeTools: tools.exclude } : {}),
  };
}

function local({ args, env, cwd }: ServerEntry, dialect: Dialect, command: string): Fields {
  const theirs = (text: string) => toDialect(text, dialect);
  return {
    ...(dialect === 'vscode' ? { type: 'stdio' } : {}),
    command: theirs(command),
    ...(args === undefined ? {} : { args: args.map(theirs) }),
    ...(env === undefined ? {} : { env: theirsIn(env, dialect) }),
    ...(cwd === undefined ? {} : { cwd: theirs(cwd) }),
  };
}

function remote(server: ServerEntry, dialect: Dialect): Fields {
  const address = toDialect(server.url ?? '', dialect);
  const sse = server.transport === 'sse';
  const given = headersOf(server);
  const headers = given === undefined ? {} : { headers: theirsIn(given, dialect) };
  switch (dialect) {
    case 'gemini-cli':
      return { ...(sse ? { url: address } : { httpUrl: address }), ...headers };
    case 'claude-desktop': {
      // Its file takes programs only; this one is its usual bridge to a remote server.
      const flags = Object.entries(given ?? {}).flatMap(([name, value]) => ['--header', `${name}:${value}`]);
      const transport = sse ? ['--transport', 'sse-only'] : [];
      return { command: 'npx', args: ['-y', 'mcp-remote', address, ...transport, ...flags] };
    }
    case 'cursor': {
      const guessedSse = URL.canParse(address) && new URL(address).pathname.endsWith('/sse');
      return { ...(sse === guessedSse ? {} : { type: sse ? 'sse' : 'http' }), url: address, ...headers };
    }
    default:
      return { type: sse ? 'sse' : 'http', url: address, ...headers };
  }
}

/** With the credential where a client looks for it; HTTP Basic, which would have to be encoded, cannot be said. */
function headersOf({ headers, auth }: ServerEntry): Readonly<Record<string, string>> | undefined {
  if (auth?.bearer !== undefined) return { ...headers, Authorization: `Bearer ${auth.bearer}` };
  if (auth?.header !== undefined && auth.value !== undefined) return { ...headers, [auth.header]: auth.value };
  return headers;
}

function theirsIn(texts: Readonly<Record<string, string>>, dialect: Dialect): Fields {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, toDialect(value, dialect)]));
}
