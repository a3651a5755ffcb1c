import { jsonPath, quoted } from '../../../files/json-path.ts';
import type { GatewayFile, ServerEntry } from '../gateway-schema.ts';

const SECRET_NAME = /authorization|credential|key|token|secret|senha|passw|pwd|(?:^|[_-])(?:auth|pat|sig|signature)$/i;
/** Where a secret lies, or what it is called, is none. */
const ABOUT_A_SECRET = /(?:file|path|dir|env|var|name|id|type|url)$/i;

/** A credential that stands in an entry as plain text: where, and what it is. */
interface PlainSecret {
  readonly path: readonly string[];
  /** What of the place it is, in Portuguese, e.g. `o parâmetro "token"`. */
  readonly what: string;
  readonly value: string;
}

/** Where a credential stands in the file as plain text instead of `${VAR}`; one line each, without the value. */
export function plainSecrets({ mcp_servers: servers }: GatewayFile): string[] {
  return Object.entries(servers).flatMap(([id, server]) => {
    const found = secretsIn(server);
    const at = (path: readonly string[]): string => jsonPath(['mcp_servers', id, ...path]);
    const lines = found.map(({ path, what }) => `${at(path)}: ${what}parece um segredo em texto; troque por \${VAR}`);
    const kept = JSON.stringify(server.extra ?? {});
    const copies = found.some(({ value }) => kept.includes(JSON.stringify(value).slice(1, -1)));
    if (copies) lines.push(`${at(['extra'])}: guarda também um desses segredos, como estava no arquivo de origem`);
    return [...new Set(lines)];
  });
}

function secretsIn(server: ServerEntry): PlainSecret[] {
  const { url, auth, args = [] } = server;
  const named = (['env', 'headers'] as const).flatMap((part) =>
    Object.entries(server[part] ?? {})
      .filter(([name, value]) => SECRET_NAME.test(name) && isPlain(value))
      .map(([name, value]) => ({ path: [part, name], what: '', value })),
  );
  const given = [
    [['auth', 'bearer'], auth?.bearer],
    [['auth', 'value'], auth?.value],
    [['auth', 'basic', 'password'], auth?.basic?.password],
  ] as const;
  const ofAuth = given.flatMap(([path, value]) =>
    value !== undefined && isPlain(value) ? [{ path, what: '', value }] : [],
  );
  return [...named, ...ofAuth, ...(url === undefined ? [] : inUrl(url, ['url'])), ...inArgs(args)];
}

/** `https://user:pass@host`, `?token=…`. */
function inUrl(text: string, path: readonly string[]): PlainSecret[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const { username, password } = url;
  const person = isPlain(password) ? password : password === '' ? username : '';
  const login = isPlain(decoded(person)) ? [{ path, what: 'a senha antes de "@" ', value: decoded(person) }] : [];
  const parameters = [...url.searchParams]
    .filter(([name, value]) => isSecretName(name) && isPlain(value))
    .map(([name, value]) => ({ path, what: `o parâmetro ${quoted(name)} `, value }));
  return [...login, ...parameters];
}

/** `--api-key=x`, `--token x`, `TOKEN=x`, `--header "Authorization: Bearer x"`, and addresses. */
function inArgs(args: readonly string[]): PlainSecret[] {
  return args.flatMap((arg, place): PlainSecret[] => {
    const path = ['args', `[${place}]`];
    const pair = /^-{0,2}([A-Za-z][\w.-]*)\s*[=:]\s*(?!\/\/)(.+)$/s.exec(arg);
    if (pair !== null) {
      const [, name = '', value = ''] = pair;
      return isSecretName(name) && isPlain(value) ? [{ path, what: `o valor de ${quoted(name)} `, value }] : [];
    }
    const flag = /^--?([A-Za-z][\w.-]*)$/.exec(args[place - 1] ?? '')?.[1];
    if (flag !== undefined && isSecretName(flag) && !arg.startsWith('-') && isPlain(arg)) {
      return [{ path, what: `o valor de ${quoted(flag)} `, value: arg }];
    }
    return inUrl(arg, path);
  });
}

const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !ABOUT_A_SECRET.test(name);

/** A text with a reference is a template, and what it refers to is not in the file. */
const isPlain = (value: string): boolean => value !== '' && !value.includes('${');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
