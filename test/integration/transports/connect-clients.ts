import { PassThrough } from 'node:stream';
import {
  Client,
  type ClientOptions,
  type JSONRPCMessage,
  ReadBuffer,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as V1Sse } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as V1Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fullAccess } from '../../../src/companies/principal.ts';
import type { OpenEndpoints } from './open-endpoints.ts';

/** A client's end of the pipes that stdio would be. */
export class PipeTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  closedByServer = false;
  readonly #buffer = new ReadBuffer();

  constructor({ endpoints }: OpenEndpoints) {
    endpoints.stdio.serve(fullAccess('local'), {
      stdin: this.input,
      stdout: this.output,
      onClose: () => {
        this.closedByServer = true;
      },
    });
  }

  async start(): Promise<void> {
    this.output.on('data', (chunk: Buffer) => {
      this.#buffer.append(chunk);
      for (let message = this.#buffer.readMessage(); message !== null; message = this.#buffer.readMessage()) {
        this.onmessage?.(message);
      }
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.input.write(serializeMessage(message));
  }

  async close(): Promise<void> {
    this.input.end();
    this.onclose?.();
  }
}

export const MODERN: ClientOptions = { versionNegotiation: { mode: 'auto' } };

/** What both generations of the SDK's client can do in the same words. */
export interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    ...options: unknown[]
  ): Promise<{ [key: string]: unknown }>;
  close(): Promise<void>;
}

export async function connectV2(transport: Transport, options: ClientOptions = {}): Promise<Client> {
  const client = new Client({ name: 'v2', version: '1' }, options);
  await client.connect(transport);
  return client;
}

export async function connectV1(transport: V1Sse | V1Http): Promise<V1Client> {
  const client = new V1Client({ name: 'v1', version: '1' });
  // The 1.x types do not know `exactOptionalPropertyTypes`.
  await client.connect(transport as Parameters<V1Client['connect']>[0]);
  return client;
}

export function everyClient(open: OpenEndpoints): Record<string, () => Promise<Client | V1Client>> {
  const mcp = new URL(`${open.url}/mcp`);
  const sse = new URL(`${open.url}/sse`);
  return {
    'v2 over HTTP, 2025-11-25': () => connectV2(new StreamableHTTPClientTransport(mcp)),
    'v2 over HTTP, 2026-07-28': () => connectV2(new StreamableHTTPClientTransport(mcp), MODERN),
    'v2 over SSE': () => connectV2(new SSEClientTransport(sse)),
    'v2 over stdio, 2025-11-25': () => connectV2(new PipeTransport(open)),
    'v2 over stdio, 2026-07-28': () => connectV2(new PipeTransport(open), MODERN),
    'v1 over HTTP': () => connectV1(new V1Http(mcp)),
    'v1 over SSE': () => connectV1(new V1Sse(sse)),
  };
}
