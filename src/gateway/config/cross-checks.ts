import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isLoopback } from '../../config/loopback.ts';
import { quoted } from '../../files/json-path.ts';
import { DEFAULT_PRIORITY, transportOf } from './complete-config.ts';
import type { GatewayFile, ServerEntry } from './gateway-schema.ts';

/** A path in the file and what is wrong there, without a value. */
export type Finding = readonly [path: readonly string[], message: string];

const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const RESERVED_IDS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.prototype).map((name) => name.toLowerCase()),
);
/** Set by the protocol or by HTTP itself: a value of the operator's would break the conversation. */
const OWN_HEADERS = /^(?:host|connection|content-length|content-type|transfer-encoding|accept|mcp-.*)$/i;

export function isGoodId(id: string): boolean {
  return ID.test(id) && !id.includes('__') && !RESERVED_IDS.has(id.toLowerCase());
}

/** How ids appear in `GATEWAY__MCP_SERVERS__<ID>__…`: two that look the same there are taken for one. */
export function foldedId(id: string): string {
  return id.toLowerCase().replaceAll('-', '_');
}

/** What no schema of one field can see. Run after variables are replaced. */
export function crossChecks({ mcp_servers: servers }: GatewayFile): Finding[] {
  const entries = Object.entries(servers);
  return [
    ...twinIds(Object.keys(servers)),
    ...entries.flatMap(([id, entry]) =>
      entryFindings(entry).map(([path, message]): Finding => [['mcp_servers', id, ...path], message]),
    ),
    ...sharedPriorities(entries),
  ];
}

/** What works, but probably not as meant. */
export function crossWarnings({ mcp_servers: servers }: GatewayFile): Finding[] {
  return Object.entries(servers).flatMap(([id, { url, auth, headers = {} }]): Finding[] => {
    const parsed = url === undefined ? undefined : parseUrl(url);
    const credential = auth !== undefined || Object.keys(headers).some((name) => /authorization|key|token/i.test(name));
    if (parsed?.protocol !== 'http:' || isLoopback(parsed.hostname) || !credential) return [];
    return [[['mcp_servers', id, 'url'], 'a credencial viaja sem cifra: use https']];
  });
}

function twinIds(ids: readonly string[]): Finding[] {
  const seen = new Map<string, string>();
  return ids.flatMap((id): Finding[] => {
    const path = ['mcp_servers', id];
    if (RESERVED_IDS.has(id.toLowerCase())) return [[path, 'id reservado: escolha outro']];
    if (!isGoodId(id)) {
      return [
        [
          path,
          'id inválido: use até 64 letras sem acento, números, "_" e "-", sem "__", começando por letra ou número',
        ],
      ];
    }
    const twin = seen.get(foldedId(id));
    if (twin !== undefined) return [[path, `confunde-se com o id ${quoted(twin)}: mude um deles`]];
    seen.set(foldedId(id), id);
    return [];
  });
}

function entryFindings(entry: ServerEntry): Finding[] {
  const { url, command } = entry;
  if (url !== undefined && command !== undefined) return [[['url'], 'use url ou command, não os dois']];
  if (url === undefined && command === undefined)
    return [[[], 'falta url (servidor remoto) ou command (programa local)']];
  const stdio = transportOf(entry) === 'stdio';
  if (stdio !== (command !== undefined)) {
    return [[['transport'], stdio ? 'stdio pede command, não url' : 'sse e http pedem url, não command']];
  }
  const misplaced = stdio ? (['auth', 'headers', 'allow_private_address'] as const) : (['args', 'env', 'cwd'] as const);
  return [
    ...misplaced
      .filter((key) => entry[key] !== undefined)
      .map((key): Finding => [[key], `só vale com ${stdio ? 'url' : 'command'}`]),
    ...(url === undefined ? [] : urlFindings(url)),
    ...authFindings(entry),
    ...headerFindings(entry.headers ?? {}),
    ...envFindings(entry.env ?? {}),
  ];
}

function urlFindings(url: string): Finding[] {
  const parsed = parseUrl(url);
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    return [[['url'], 'deve ser uma URL http ou https completa']];
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return [[['url'], 'não deve levar usuário e senha: use auth.basic']];
  }
  return parsed.hash === '' ? [] : [[['url'], 'não deve ter "#"']];
}

function authFindings({ auth, headers = {} }: ServerEntry): Finding[] {
  if (auth === undefined) return [];
  const byHeader = auth.header !== undefined || auth.value !== undefined;
  const ways = [auth.bearer !== undefined, auth.basic !== undefined, byHeader].filter(Boolean).length;
  if (ways !== 1) return [[['auth'], 'use exatamente uma forma: bearer, ou header com value, ou basic']];
  if (byHeader && (auth.header === undefined || auth.value === undefined)) {
    return [[['auth'], 'header e value vão juntos']];
  }
  const name = auth.header ?? 'Authorization';
  const twice = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase());
  const findings: Finding[] = twice === undefined ? [] : [[['headers', twice], 'já vem de auth: deixe só um dos dois']];
  if (auth.header !== undefined && !headerFits(auth.header, auth.value ?? '')) {
    findings.push([['auth', 'header'], 'não é um cabeçalho HTTP válido, ou é um que o protocolo define']);
  }
  if (auth.bearer !== undefined && !/^[\x21-\x7e]+$/.test(auth.bearer)) {
    findings.push([['auth', 'bearer'], 'tem espaços ou caracteres que um token não tem']);
  }
  return findings;
}

function headerFindings(headers: Readonly<Record<string, string>>): Finding[] {
  const names = Object.keys(headers);
  return Object.entries(headers).flatMap(([name, value], at): Finding[] => {
    const path = ['headers', name];
    if (!headerFits(name, value)) return [[path, 'não é um cabeçalho HTTP válido, ou é um que o protocolo define']];
    const twin = names.slice(0, at).find((other) => other.toLowerCase() === name.toLowerCase());
    return twin === undefined ? [] : [[path, `é o mesmo cabeçalho que ${quoted(twin)}: deixe só um dos dois`]];
  });
}

function headerFits(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    return false;
  }
  return !OWN_HEADERS.test(name);
}

function envFindings(env: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(env).flatMap(([name, value]): Finding[] => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [[['env', name], 'não é nome de variável']];
    return value.includes('\0') ? [[['env', name], 'tem um byte nulo']] : [];
  });
}

/** Of the servers that are mounted: a spare one may wait under the priority of the one it replaces. */
function sharedPriorities(entries: readonly (readonly [string, ServerEntry])[]): Finding[] {
  const taken = new Map<string, string>();
  return entries.flatMap(([id, { domains, priority = DEFAULT_PRIORITY, disabled }]): Finding[] =>
    disabled === true
      ? []
      : [...new Set(domains)].flatMap((domain): Finding[] => {
          const key = `${domain} ${priority}`;
          const other = taken.get(key);
          if (other === undefined) {
            taken.set(key, id);
            return [];
          }
          const path = ['mcp_servers', id, 'priority'];
          return [[path, `${priority} já é a de ${quoted(other)} no domínio ${domain}: cada um precisa da sua`]];
        }),
  );
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
