/** Which variables a deployed server may be given. It gets these and a small base, and nothing else of our environment. */
import { environmentSchema } from '../../config/environment.ts';
import type { FieldProblem } from '../problem.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
/** What every object of JavaScript seems to have already. */
const INHERITED = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_VARIABLES = 50;
const MAX_VALUE = 8_192;

/** Variables that decide which code is loaded, found or asked instead of the server's own, or where its traffic goes. */
const STEERING =
  /^(?:LD_.*|DYLD_.*|NODE(?:_.*)?|NPM_.*|PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|RUBY.*|GEM_.*|BUNDLE_.*|PERL.*|JAVA_TOOL_OPTIONS|_?JAVA_OPTIONS|JDK_.*|CLASSPATH|DOTNET_.*|COMPLUS_.*|GO(?:FLAGS|PROXY|PATH|ROOT)|DENO_.*|BUN_.*|ELECTRON_.*|BASH_.*|ENV|SHELL|SHELLOPTS|BASHOPTS|ZDOTDIR|IFS|CDPATH|PS[0-4]|PROMPT_COMMAND|PATH|PATHEXT|COMSPEC|HOME|USER|LOGNAME|PWD|TMPDIR|TMP|TEMP|XDG_.*|GIT_.*|SSH_.*|GCONV_PATH|GLIBC_TUNABLES|MALLOC_.*|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|RESOLV_.*|OPENSSL_.*|SSL_CERT_.*|SSLKEYLOGFILE|CURL_.*|(?:HTTPS?|ALL|NO|FTP)_PROXY|DOCKER_.*|CONTAINER_.*|KUBE.*|EDITOR|VISUAL|PAGER|BROWSER)$/i;

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
    return message === undefined ? [] : [{ field: `env.${name.slice(0, 80)}`, message }];
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
  return isOurs(value) ? 'contém um segredo deste servidor: use uma credencial própria' : undefined;
}
