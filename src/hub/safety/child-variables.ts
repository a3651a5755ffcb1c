/** Which variables a deployed server may be given. It gets these and a small base, and nothing else of our environment. */
import { environmentSchema } from '../../config/environment.ts';
import { shorten } from '../../shorten.ts';
import type { FieldProblem } from '../problem.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
/** What every object of JavaScript seems to have already. */
const INHERITED = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_VARIABLES = 50;
const MAX_VALUE = 8_192;

/**
 * Variables that decide which code is loaded, found or asked instead of the server's own, whom it trusts, or where its
 * traffic goes; by whose they are, so that one more of a runtime has its place.
 */
const STEERING_BY_OWNER: Readonly<Record<string, readonly string[]>> = {
  loader: ['LD_.*', 'DYLD_.*', 'GCONV_PATH', 'GLIBC_TUNABLES', 'MALLOC_.*', 'LOCPATH', 'NLSPATH'],
  'Node, Deno, Bun': [
    'NODE(?:_.*)?',
    'NPM_.*',
    'YARN_.*',
    'PNPM_.*',
    'COREPACK_.*',
    'TS_NODE_.*',
    'TSX_TSCONFIG_PATH',
    'ELECTRON_.*',
    'DENO_.*',
    'BUN_.*',
  ],
  Python: ['PYTHON.*', 'PIP_.*', 'UV_.*', 'VIRTUAL_ENV', 'CONDA_.*'],
  'Ruby, Perl, PHP, Lua': [
    'RUBY.*',
    'GEM_.*',
    'BUNDLE_.*',
    'PERL.*',
    'PHPRC',
    'PHP_.*',
    'COMPOSER_.*',
    'LUA_(?:INIT|PATH|CPATH)(?:_.*)?',
  ],
  'Java, .NET, Go, Rust, Erlang, R': [
    'JAVA_TOOL_OPTIONS',
    '_?JAVA_OPTIONS',
    'JAVA_HOME',
    'JDK_.*',
    'CLASSPATH',
    'MAVEN_.*',
    'GRADLE_.*',
    'DOTNET_.*',
    'CORECLR_.*',
    'COR_(?:PROFILER.*|ENABLE_PROFILING)',
    'COMPLUS_.*',
    'GO(?:FLAGS|PROXY|PATH|ROOT|ENV|TOOLCHAIN|SUMDB|NOSUMDB|NOSUMCHECK|INSECURE|PRIVATE|NOPROXY|VCS)',
    'CGO_.*',
    'CARGO_.*',
    'RUST(?:UP_.*|C|C_.*|FLAGS|DOCFLAGS)',
    'ERL_.*',
    'ELIXIR_.*',
    'MIX_(?:HOME|ARCHIVES)',
    'R_(?:HOME|LIBS|PROFILE|ENVIRON)(?:_.*)?',
    'JULIA_.*',
    'OCAML.*',
    'GUILE_.*',
    'TCL(?:LIBPATH|_LIBRARY)',
  ],
  shell: [
    'BASH_.*',
    'ENV',
    'SHELL',
    'SHELLOPTS',
    'BASHOPTS',
    'ZDOTDIR',
    'FPATH',
    'IFS',
    'CDPATH',
    'PS[0-4]',
    'PROMPT_COMMAND',
    'EDITOR',
    'VISUAL',
    'PAGER',
    'MANPAGER',
    'LESS(?:OPEN|CLOSE)',
    'BROWSER',
  ],
  user: [
    'PATH',
    'PATHEXT',
    'COMSPEC',
    'SYSTEMROOT',
    'WINDIR',
    'APPDATA',
    'LOCALAPPDATA',
    'USERPROFILE',
    'HOME',
    'USER',
    'LOGNAME',
    'PWD',
    'TMPDIR',
    'TMP',
    'TEMP',
    'XDG_.*',
  ],
  'tools that start others': [
    'GIT_.*',
    'SSH_.*',
    'SUDO_.*',
    'MAKEFLAGS',
    'MFLAGS',
    'PKG_CONFIG.*',
    'DOCKER_.*',
    'CONTAINER_.*',
    'KUBE.*',
  ],
  trust: [
    'OPENSSL_.*',
    'SSL_CERT_.*',
    'SSL_DIR',
    'SSLKEYLOGFILE',
    'REQUESTS_CA_BUNDLE',
    'CURL_.*',
    'AWS_CA_BUNDLE',
    'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
    'NIX_SSL_CERT_FILE',
    'KRB5.*',
    'GNUPGHOME',
  ],
  net: [
    'HOSTALIASES',
    'RES_OPTIONS',
    'LOCALDOMAIN',
    'RESOLV_.*',
    '(?:HTTPS?|ALL|NO|FTP|WSS?|SOCKS|GRPC|CGI_HTTP)_PROXY',
  ],
};
const STEERING = new RegExp(`^(?:${Object.values(STEERING_BY_OWNER).flat().join('|')})$`, 'i');

/** Our own settings: a server that is given one of them was probably meant to be us. */
const OURS = new Set(Object.keys(environmentSchema.shape).flatMap((name) => [name, `${name}_FILE`]));
const OURS_BY_PREFIX = /^(?:OMIE_|MCP_AUTH|MCP_TOKEN|MCP_STDIO|HUB_|CREDENTIAL|GATEWAY__)/i;
/** A server for GitHub or Gemini is called by its users with a key of its own under this very name. */
const SHARED_NAMES = new Set([
  'GITHUB_TOKEN',
  'GEMINI_API_KEY',
  'GEMINI_MODEL',
  'E2B_API_KEY',
  'DATABASE_URL',
  'GITHUB_API_URL',
]);

/** @param isOurs whether a text holds a secret of this house: its keys are never handed on, whatever the name. */
export function variableProblems(
  env: Readonly<Record<string, string>>,
  isOurs: (text: string) => boolean,
): FieldProblem[] {
  const entries = Object.entries(env);
  if (entries.length > MAX_VARIABLES) return [{ field: 'env', message: `passa de ${MAX_VARIABLES} variáveis` }];
  return entries.flatMap(([name, value]): FieldProblem[] => {
    const message = problemOf(name, value, isOurs);
    return message === undefined ? [] : [{ field: `env.${shorten(name, 80)}`, message }];
  });
}

function problemOf(name: string, value: string, isOurs: (text: string) => boolean): string | undefined {
  if (!NAME.test(name) || INHERITED.has(name)) return 'não é nome de variável';
  if (STEERING.test(name)) return 'esta variável muda que código roda ou para onde ele fala: não é aceita';
  if ((OURS.has(name.toUpperCase()) && !SHARED_NAMES.has(name.toUpperCase())) || OURS_BY_PREFIX.test(name)) {
    return 'é uma configuração deste servidor: não é repassada';
  }
  if (value.length > MAX_VALUE) return `passa de ${MAX_VALUE} caracteres`;
  if (value.includes('\0')) return 'tem um byte nulo';
  // Half a character: neither a program nor a database can be handed it.
  if (/\p{Cs}/u.test(value)) return 'tem meio caractere (um surrogate sem o seu par)';
  return isOurs(value) ? 'contém um segredo deste servidor: use uma credencial própria' : undefined;
}
