/** What an import must not write down as it was found, because the gateway would refuse to start with it. */
import { jsonPath } from '../../files/json-path.ts';
import { isRecord } from '../../files/read-json.ts';
import { crossChecks, type Finding } from './cross-checks.ts';
import { fillVariables } from './fill-variables.ts';
import type { GatewayFile, ServerEntry } from './gateway-schema.ts';
import { readGatewayYaml, writeGatewayYaml } from './gateway-yaml.ts';

export interface Mended {
  readonly file: GatewayFile;
  /** What is other than in the file it came from, without values. */
  readonly warnings: readonly string[];
}

/** The same servers, said in the way our file wants them, where there is one way that means the same. */
export function mendImport(file: GatewayFile): Mended {
  const warnings: string[] = [];
  const entries = Object.entries(file.mcp_servers).map(([id, server]) => {
    const tell = (path: readonly string[], text: string): void => {
      warnings.push(`${jsonPath(['mcp_servers', id, ...path])}: ${text}`);
    };
    return [id, withoutOwnHeaders(withoutUserinfo(withoutFragment(server, tell), tell), tell)] as const;
  });
  return { file: { ...file, mcp_servers: Object.fromEntries(entries) }, warnings };
}

/** Why `validate` would refuse the file, whatever its variables hold; nothing when it would not. */
export function refusedByValidate(file: GatewayFile): string[] {
  const text = writeGatewayYaml(file);
  const read = readGatewayYaml(Buffer.from(text), 'gateway.yaml');
  if ('problems' in read) return [...read.problems];
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => [name, '1'] as const);
  const malformed = fillVariables(file, Object.fromEntries(names)).findings;
  // What a variable will hold is not known here.
  const known = crossChecks(file).filter(([path]) => !refersToVariable(file, path));
  return [...malformed, ...known].map(([path, message]: Finding) => `${jsonPath(path)}: ${message}`);
}

type Tell = (path: readonly string[], text: string) => void;

/** It never leaves a client. */
function withoutFragment(server: ServerEntry, tell: Tell): ServerEntry {
  const { url } = server;
  if (url === undefined || !url.includes('#') || !URL.canParse(url)) return server;
  tell(['url'], 'o que vem depois de "#" não é enviado a ninguém, e ficou de fora');
  return { ...server, url: url.slice(0, url.indexOf('#')) };
}

/** `https://user:pass@host` is `auth.basic`, as a browser takes it. */
function withoutUserinfo(server: ServerEntry, tell: Tell): ServerEntry {
  const { url, auth, headers = {} } = server;
  const [, scheme = '', user = '', password = '', rest = ''] =
    /^(https?:\/\/)([^/?#@:]+):([^/?#@]+)@(.*)$/i.exec(url ?? '') ?? [];
  const credentialed = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (scheme === '' || auth !== undefined || credentialed) return server;
  const basic = { user: plain(user), password: plain(password) };
  tell(['url'], 'usuário e senha passaram para auth.basic');
  return { ...server, url: scheme + rest, auth: { basic }, ...extraWithout(server, user, password) };
}

/** Copies of the address in the history would keep the password where nobody looks for it. */
function extraWithout({ extra }: ServerEntry, user: string, password: string): Pick<ServerEntry, 'extra'> {
  if (extra?.fields === undefined) return {};
  const holds = (value: unknown): boolean => typeof value === 'string' && value.includes(`${user}:${password}@`);
  const fields = Object.fromEntries(Object.entries(extra.fields).filter(([, value]) => !holds(value)));
  return { extra: { ...extra, fields } };
}

/** The protocol says them itself. */
const SAID_ANYWAY = /^(?:accept|content-type|content-length|connection|mcp-protocol-version)$/i;

function withoutOwnHeaders(server: ServerEntry, tell: Tell): ServerEntry {
  const { headers, ...rest } = server;
  const dropped = Object.keys(headers ?? {}).filter((name) => SAID_ANYWAY.test(name));
  if (headers === undefined || dropped.length === 0) return server;
  for (const name of dropped) tell(['headers', name], 'é do próprio protocolo, e ficou de fora');
  const left = Object.entries(headers).filter(([name]) => !dropped.includes(name));
  return left.length === 0 ? rest : { ...rest, headers: Object.fromEntries(left) };
}

function refersToVariable(file: GatewayFile, path: readonly string[]): boolean {
  let value: unknown = file;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step.slice(1, -1))];
    else value = isRecord(value) ? value[step] : undefined;
  }
  return typeof value === 'string' && value.includes('${');
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
