/**
 * An MCP server for client tests, made only of the official SDK: both HTTP transports on one port, the contract's four
 * tools with scripted answers, and doors that can be slammed.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** What one tool says about one company: a result, or a failure. */
export type Script =
  | { readonly result: Record<string, unknown> }
  | { readonly erro: { codigo: string; mensagem: string; espera_segundos?: number } };
export interface FakeCompany {
  readonly id: string;
  readonly nome: string;
  readonly categorias?: Script;
  readonly pagar?: Script;
  readonly receber?: Script;
  /** Every answer about this company takes this long, or until the client cancels. */
  readonly delayMs?: number;
}
export interface FakeOptions {
  readonly companies: readonly FakeCompany[];
  readonly token?: string;
  readonly port?: number;
}
export interface Call {
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

export class FakeMcpServer {
  /** May be changed between rounds. */
  companies: readonly FakeCompany[];
  /** What `listar_empresas` claims as `total`; the true number when undefined. */
  claimedTotal: number | undefined;
  readonly calls: Call[] = [];
  /** Company calls under way, and the most there ever were. */
  busy = 0;
  mostBusy = 0;
  /** No company call is answered until so many were under way at once. */
  crowd = 0;
  /** How the next posts to `/mcp` are refused, one each; 0 lets one pass. */
  readonly refusals: number[] = [];
  /** What a refused post is told to wait. */
  retryAfter = '0';
  /** Sessions of Streamable HTTP that were opened. */
  handshakes = 0;
  #openDoors: (() => void)[] = [];
  #port = 0;
  readonly #token: string | undefined;
  readonly #http: Server;
  readonly #streamable = new Map<string, StreamableHTTPServerTransport>();
  readonly #sse = new Map<string, SSEServerTransport>();
  readonly #servers = new Set<McpServer>();

  private constructor(options: FakeOptions) {
    this.companies = options.companies;
    this.#token = options.token;
    this.#http = createServer((request, response) => {
      this.#route(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: FakeOptions): Promise<FakeMcpServer> {
    const fake = new FakeMcpServer(options);
    await new Promise<void>((resolve) => fake.#http.listen(options.port ?? 0, '127.0.0.1', resolve));
    const address = fake.#http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    fake.#port = address.port;
    return fake;
  }

  get port(): number {
    return this.#port;
  }
  get mcpUrl(): string {
    return `http://127.0.0.1:${this.#port}/mcp`;
  }
  get sseUrl(): string {
    return `http://127.0.0.1:${this.#port}/sse`;
  }
  /** Sessions not yet ended by their client. */
  get openSessions(): number {
    return this.#streamable.size + this.#sse.size;
  }

  /** Tells every session that the tools changed. */
  notifyToolsChanged(): void {
    for (const server of this.#servers) server.sendToolListChanged();
  }

  /** Like a killed process: every socket is cut in the middle of whatever it was doing. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await closed;
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://local');
    if (this.#token !== undefined && request.headers.authorization !== `Bearer ${this.#token}`) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return;
    }
    if (url.pathname === '/mcp') return this.#handleStreamable(request, response);
    if (url.pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response);
      this.#sse.set(transport.sessionId, transport);
      const server = this.#createServer();
      response.on('close', () => this.#sse.delete(transport.sessionId));
      return server.connect(transport);
    }
    const session = this.#sse.get(url.searchParams.get('sessionId') ?? '');
    if (url.pathname === '/messages' && session) return session.handlePostMessage(request, response);
    response.writeHead(404).end();
  }

  async #handleStreamable(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = request.method === 'POST' ? (this.refusals.shift() ?? 0) : 0;
    if (refusal !== 0) {
      response.writeHead(refusal, { 'retry-after': this.retryAfter }).end();
      return;
    }
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.#streamable.get(id) : undefined;
    if (known) return known.handleRequest(request, response);
    if (id !== undefined) {
      response.writeHead(404).end();
      return;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => {
        this.handshakes += 1;
        this.#streamable.set(session, transport);
      },
      onsessionclosed: (session) => {
        this.#streamable.delete(session);
      },
    });
    // The SDK's class and its own interface disagree under exactOptionalPropertyTypes.
    await this.#createServer().connect(transport as Parameters<McpServer['connect']>[0]);
    return transport.handleRequest(request, response);
  }

  async #crowded(): Promise<void> {
    if (this.mostBusy < this.crowd) return new Promise((resolve) => this.#openDoors.push(resolve));
    for (const open of this.#openDoors.splice(0)) open();
  }

  #createServer(): McpServer {
    const server = new McpServer({ name: 'fake', version: '0.0.0' });
    this.#servers.add(server);
    server.server.onclose = () => this.#servers.delete(server);
    server.registerTool('listar_empresas', { inputSchema: {} }, () => {
      this.calls.push({ tool: 'listar_empresas', args: {} });
      const empresas = this.companies.map(({ id, nome }) => ({ id, nome, cnpj: '', ambiente: 'producao', grupos: [] }));
      return answer({ result: { empresas, total: this.claimedTotal ?? empresas.length } });
    });
    const query = { company_id: z.string(), apenas_vencidas: z.boolean().optional() };
    const offer = (tool: string, scripted: (company: FakeCompany) => Script): void => {
      server.registerTool(tool, { inputSchema: query }, async (args, { signal }) => {
        this.calls.push({ tool, args });
        const company = this.companies.find(({ id }) => id === args.company_id);
        if (!company)
          return answer({ erro: { codigo: 'empresa_nao_encontrada', mensagem: 'Empresa não encontrada.' } });
        this.busy += 1;
        this.mostBusy = Math.max(this.mostBusy, this.busy);
        await this.#crowded();
        await pause(company.delayMs ?? 0, signal);
        this.busy -= 1;
        return answer(withCompany(scripted(company), company));
      });
    };
    offer('consultar_categorias_empresa', (company) => company.categorias ?? categories(3));
    offer('consultar_contas_pagar_empresa', (company) => company.pagar ?? titles(1, 10));
    offer('consultar_contas_receber_empresa', (company) => company.receber ?? titles(1, 10));
    return server;
  }
}

/** A full answer of categories. */
export function categories(total: number): Script {
  const resultado = { pagina: 1, total_de_paginas: 1, registros: total, total_de_registros: total, itens: [] };
  return { result: { consulta: {}, resultado, completo: true } };
}

/** Overdue titles; whole and complete unless told otherwise. */
export function titles(quantidade: number, saldo: number, more: Record<string, unknown> = {}): Script {
  const { abrangencia = 'consulta', total = quantidade, ...rest } = more;
  return {
    result: {
      filtros: { apenas_vencidas: true },
      resultado: { pagina: 1, total_de_paginas: 1, registros: quantidade, total_de_registros: total, itens: [] },
      totais: { valor: saldo, saldo_em_aberto: saldo, quantidade, abrangencia },
      moeda: 'BRL',
      posicao_em: '2026-11-20',
      completo: true,
      ...rest,
    },
  };
}

export function failure(codigo: string, mensagem: string, more: { espera_segundos?: number } = {}): Script {
  return { erro: { codigo, mensagem, ...more } };
}

function withCompany(script: Script, { id, nome }: FakeCompany): Script {
  if ('erro' in script) return script;
  return { result: { empresa: { id, nome, ambiente: 'producao' }, ...script.result } };
}

function answer(script: Script) {
  const structuredContent: Record<string, unknown> =
    'erro' in script ? { erro: { ...script.erro, tente_novamente: false } } : script.result;
  const content = [{ type: 'text' as const, text: JSON.stringify(structuredContent) }];
  return { content, structuredContent, isError: 'erro' in script };
}

async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  if (timeMs === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
