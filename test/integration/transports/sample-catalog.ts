import { type Erro, NotFoundError, UserInputError } from '../../../src/errors.ts';
import type { Catalog, CatalogChange } from '../../../src/server/catalog.ts';
import type { CallContext, Caller, JsonObject, ToolDescriptor, ToolOutcome } from '../../../src/tools/tool-source.ts';

const ANNOTATIONS = {
  title: 'Teste',
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

export function sampleTool(name: string, properties: JsonObject = {}): ToolDescriptor {
  return {
    name,
    title: name,
    description: `Ferramenta ${name}`,
    inputSchema: { type: 'object', properties },
    outputSchema: { type: 'object' },
    annotations: ANNOTATIONS,
  };
}

/** What a tool source answers to a name that it does not have. */
export function unknownTool(name: string): ToolOutcome {
  const erro: Erro = { codigo: 'nao_encontrado', mensagem: `Não existe ${name}`, tente_novamente: false };
  return { structured: { erro: { ...erro } }, isError: true, erro };
}

function toFields(args: unknown): Readonly<Record<string, unknown>> {
  return typeof args === 'object' && args !== null ? { ...args } : {};
}

/** A small catalog that records what happens to its calls. */
export class SampleCatalog implements Catalog {
  readonly serverInfo = { name: 'sample', title: 'Sample', version: '1.0.0' };
  readonly instructions = () => 'Use echo.';
  /** Names of the slow calls whose signal was aborted. */
  readonly aborted: unknown[] = [];
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  tools_: readonly ToolDescriptor[];

  constructor(extraTools = 0) {
    const extra = Array.from({ length: extraTools }, (_, at) =>
      sampleTool(`extra_${at}`, { empresa: { type: 'string' } }),
    );
    this.tools_ = [
      sampleTool('echo'),
      sampleTool('slow'),
      sampleTool('steps'),
      sampleTool('fails'),
      sampleTool('throws'),
      sampleTool('forwarded'),
      ...extra,
    ];
  }

  readonly tools = {
    list: (_caller: Caller) => this.tools_,
    has: (name: string, _caller: Caller) => this.tools_.some((tool) => tool.name === name),
    call: (name: string, args: unknown, context: CallContext): Promise<ToolOutcome> => this.#call(name, args, context),
  };

  readonly resources = {
    list: () => [{ uri: 'sample://a', name: 'a', title: 'A', description: 'a', mimeType: 'text/plain' }],
    templates: () => [
      { uriTemplate: 'sample://{id}', name: 't', title: 'T', description: 't', mimeType: 'text/plain' },
    ],
    read: async (uri: string) => {
      if (uri !== 'sample://a') throw new NotFoundError(`Recurso não encontrado: ${uri}`);
      return { contents: [{ uri, mimeType: 'text/plain', text: 'olá' }] };
    },
  };

  readonly prompts = {
    list: () => [
      { name: 'p', title: 'P', description: 'p', arguments: [{ name: 'x', description: 'x', required: true }] },
    ],
    get: async (name: string, args: Readonly<Record<string, string>>) => {
      if (name !== 'p') throw new NotFoundError('Prompt desconhecido');
      if (args['x'] === undefined) throw new UserInputError('Falta x');
      return { description: 'p', messages: [{ role: 'user' as const, content: { type: 'text', text: args['x'] } }] };
    },
  };

  complete = () => ({ values: ['um', 'dois'], total: 2, hasMore: false });

  onChange(listener: (change: CatalogChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(change: CatalogChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  async #call(name: string, args: unknown, context: CallContext): Promise<ToolOutcome> {
    if (!this.tools.has(name, context)) return unknownTool(name);
    if (name === 'forwarded') {
      return { forwarded: String(toFields(args)['result']), servedBy: 'upstream', isError: false };
    }
    if (name === 'throws') throw new Error('secret stack');
    if (name === 'fails') return { structured: { erro: { codigo: 'omie_falha', mensagem: 'Não deu' } }, isError: true };
    if (name === 'steps') {
      for (let step = 1; step <= 3; step += 1) {
        context.progress(step, 3, `passo ${step}`);
        // Clients of the SDK lose progress that arrives in one piece with the answer.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      context.progress(2, 3, 'para trás');
      context.log('info', 'quase');
      return { structured: { passos: 3 }, isError: false };
    }
    if (name === 'slow') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 5_000);
        context.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          this.aborted.push(args);
          resolve();
        });
      });
    }
    return { structured: { eco: JSON.parse(JSON.stringify(args)), quem: context.principal.id }, isError: false };
  }
}
