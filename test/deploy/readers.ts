/**
 * Clients of every kind that read without pause and do only what their protocol allows when something fails: a session
 * that is not found (404) is begun anew and the request, which did not run, made again; a stream that ends is opened
 * again. Anything else that is not an answer is a failed read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, initialize, JSON_HEADERS, modern } from '../integration/transports/raw-http.ts';
import { auth } from './replicas.ts';

export interface Reader {
  /** One read; throws when it failed. */
  read(): Promise<void>;
  /** How often a session or stream had to be begun anew. */
  readonly renewals: number;
  close(): void;
}

const tool = 'consultar_categorias_empresa';
const args = { company_id: 'empresa_001' };
const MAX_TRIES = 20;

/** Stateless requests are never made again: nginx must find a replica for each. */
export function modernReader(origin: string): Reader {
  const { body, headers } = modern('tools/call', { name: tool, arguments: args }, tool);
  return stateless(() => postJson(`${origin}/mcp`, body, headers));
}

export function restReader(origin: string): Reader {
  return stateless(() => postJson(`${origin}/tools/${tool}`, args));
}

export function restListReader(origin: string): Reader {
  return stateless(() => fetch(`${origin}/tools`, { headers: auth }));
}

/** Streamable HTTP of 2025-11-25, with a session. */
export function sessionReader(origin: string): Reader {
  let session: string | undefined;
  let renewals = -1;
  let id = 0;
  return {
    get renewals() {
      return renewals;
    },
    async read() {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        if (session === undefined) {
          const opened = await postJson(`${origin}/mcp`, initialize());
          await expectAnswer(opened);
          session = opened.headers.get('mcp-session-id') ?? undefined;
          renewals += 1;
        }
        id += 1;
        const headers = { 'mcp-session-id': session ?? '', 'mcp-protocol-version': '2025-11-25' };
        const response = await postJson(`${origin}/mcp`, call(id, tool, args), headers);
        if (!(await wasNotRun(response))) return expectAnswer(response);
        session = undefined;
      }
      throw new Error('no session in 20 tries');
    },
    close() {},
  };
}

/** HTTP+SSE: answers come on the stream; one that ends owes nothing, or the read has failed. */
export function streamReader(origin: string): Reader {
  let stream: Stream | undefined;
  let renewals = -1;
  let id = 0;
  return {
    get renewals() {
      return renewals;
    },
    async read() {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        if (stream === undefined || stream.ended || stream.endpoint === '') {
          stream = await openStream(origin);
          renewals += 1;
        }
        id += 1;
        const answer = stream.answerTo(id);
        // Waited for below; until then a rejection is no stray one.
        answer.catch(() => {});
        const accepted = await postJson(`${origin}${stream.endpoint}`, call(id, tool, args));
        if (await wasNotRun(accepted)) {
          stream.close();
          stream = undefined;
        } else if (accepted.status === 202) return check(await answer);
        else throw new Error(`/messages answered ${accepted.status}`);
      }
      throw new Error('no stream in 20 tries');
    },
    close() {
      stream?.close();
    },
  };
}

interface Stream {
  readonly endpoint: string;
  readonly ended: boolean;
  answerTo(id: number): Promise<string>;
  close(): void;
}

async function openStream(origin: string): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${origin}/sse`, {
    headers: { ...auth, accept: 'text/event-stream' },
    signal: abort.signal,
  });
  if (response.status !== 200 || response.body === null) throw new Error(`/sse answered ${response.status}`);
  const waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  let name: ((endpoint: string) => void) | undefined;
  let ended = false;
  const end = (): void => {
    ended = true;
    const error = new Error('the stream ended and owed an answer');
    name?.('');
    for (const { reject } of waiting.values()) reject(error);
  };
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let at = text.indexOf('\n\n'); at !== -1; at = text.indexOf('\n\n')) {
        const event = text.slice(0, at);
        text = text.slice(at + 2);
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data === undefined) continue;
        if (event.startsWith('event: endpoint')) name?.(data);
        else waiting.get(JSON.parse(data).id)?.resolve(data);
      }
    }
  };
  const { body } = response;
  const endpoint = await new Promise<string>((resolve) => {
    name = resolve;
    read(body).then(end, end);
  });
  return {
    endpoint,
    get ended() {
      return ended;
    },
    answerTo: (id) => new Promise((resolve, reject) => waiting.set(id, { resolve, reject })),
    close: () => abort.abort(),
  };
}

function stateless(ask: () => Promise<Response>): Reader {
  return { read: async () => expectAnswer(await ask()), renewals: 0, close() {} };
}

/** 404: the session is unknown. 503 with Retry-After: come again later; the wait is cut short here. */
async function wasNotRun(response: Response): Promise<boolean> {
  const again = response.status === 404 || (response.status === 503 && response.headers.has('retry-after'));
  if (!again) return false;
  await response.arrayBuffer();
  if (response.status === 503) await sleep(100);
  return true;
}

async function expectAnswer(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 200)}`);
  check(text);
}

function check(text: string): void {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null || 'error' in answer || 'erro' in answer) throw new Error(text);
}

function postJson(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { ...JSON_HEADERS, ...auth, ...headers }, body: JSON.stringify(body) });
}
