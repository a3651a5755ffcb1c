/** How the hub asks the outside: every address, every redirect and every resolved name is judged before it is called. */
import { Agent, type RequestInit, type Response, fetch as request } from 'undici';
import { guardedLookup, type Resolve } from '../../gateway/trust/guarded-connect.ts';
import { type AddressRule, BlockedAddressError, checkUrl } from '../../gateway/trust/private-address.ts';
import { HubError } from '../problem.ts';

export interface GuardedFetchOptions {
  /** A base that the operator configured: that origin alone may be private, or without https. */
  readonly trusted?: string | undefined;
  /** For connecting, and again for each silence. Milliseconds. */
  readonly timeoutMs?: number;
  /** For tests. */
  readonly resolve?: Resolve | undefined;
  /** For tests: asked in place of the network. */
  readonly network?: typeof request | undefined;
}

export interface GuardedFetch {
  /**
   * Like `fetch`, and `redirect: 'manual'` is kept: the redirect itself is the answer. Another origin is told only what is
   * accepted and who asks. @throws HubError (`endereco_bloqueado`) for an address nobody may call; else what `fetch` throws
   */
  (url: string | URL, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

const PUBLIC: AddressRule = { allowPrivate: false, allowPlainHttp: false };
const CONFIGURED: AddressRule = { allowPrivate: true, allowPlainHttp: true };
const MAX_REDIRECTS = 5;

export function createGuardedFetch({
  trusted,
  timeoutMs = 10_000,
  resolve,
  network = request,
}: GuardedFetchOptions): GuardedFetch {
  const origin = trusted === undefined ? undefined : new URL(trusted).origin;
  const agentFor = (rule: AddressRule): Agent =>
    new Agent({
      connect: { timeout: timeoutMs, lookup: guardedLookup(rule, resolve) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  const agents = { configured: agentFor(CONFIGURED), outside: agentFor(PUBLIC) };

  const ask = async (url: URL, init: RequestInit): Promise<Response> => {
    const known = url.origin === origin;
    checkUrl(url.href, known ? CONFIGURED : PUBLIC);
    return network(url, { ...init, redirect: 'manual', dispatcher: known ? agents.configured : agents.outside });
  };

  const follow = async (text: string | URL, init: RequestInit = {}): Promise<Response> => {
    let url = parsed(text);
    let headers = new Headers(plainHeaders(init));
    for (let hops = 0; ; hops += 1) {
      const response = await ask(url, { ...init, headers: Object.fromEntries(headers) });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null || init.redirect === 'manual')
        return response;
      await response.body?.cancel();
      // Only what asks and changes nothing is asked again elsewhere.
      if (hops >= MAX_REDIRECTS || !['GET', 'HEAD'].includes((init.method ?? 'GET').toUpperCase())) {
        throw new HubError('fonte_indisponivel', `${url.hostname} mandou o pedido para outro endereço.`);
      }
      const next = parsed(new URL(location, url));
      if (next.origin !== url.origin) headers = forAnother(headers);
      url = next;
    }
  };

  const guarded = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    try {
      return await follow(url, init);
    } catch (thrown) {
      const blocked = blockedIn(thrown);
      if (blocked === undefined) throw thrown;
      throw new HubError('endereco_bloqueado', blocked.message, { hint: blocked.hint, cause: thrown });
    }
  };
  return Object.assign(guarded, {
    close: async () => {
      await Promise.all([agents.configured.destroy(), agents.outside.destroy()]);
    },
  });
}

function parsed(text: string | URL): URL {
  if (text instanceof URL) return text;
  if (URL.canParse(text)) return new URL(text);
  throw new HubError('endereco_bloqueado', 'O endereço não é uma URL válida.', {
    hint: 'Use https://servidor/caminho.',
  });
}

function plainHeaders({ headers }: RequestInit): [string, string][] {
  if (headers === undefined) return [];
  if (Symbol.iterator in headers) return [...headers].map(([name = '', value = '']) => [name, String(value)]);
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}

/** Any other header may be a credential, whatever it is called. */
const FOR_ALL = ['accept', 'accept-encoding', 'user-agent'];

function forAnother(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => FOR_ALL.includes(name)));
}

/** `fetch` wraps what its connection threw. */
function blockedIn(thrown: unknown): BlockedAddressError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof BlockedAddressError) return error;
  }
  return undefined;
}
