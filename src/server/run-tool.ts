import type { Principal } from '../companies/principal.ts';
import { asAppError, type Erro, InternalError, NotFoundError, PermissionError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import { type DefinedTool, type ToolServices, toolRef } from '../tools/define-tool.ts';
import type { ToolDescriptor, ToolOutcome, ToolSource } from '../tools/tool-source.ts';

/** What is told of a finished call: for metrics, and later for the audit. No arguments, no amounts. */
export interface ToolCallReport {
  readonly tool: string;
  readonly principal: string;
  readonly requestId: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly durationMs: number;
}

export interface RunToolOptions {
  readonly tools: readonly DefinedTool[];
  readonly services: ToolServices;
  readonly logger: Logger;
  readonly scrubber: SecretScrubber;
  readonly observe?: (report: ToolCallReport) => void;
}

/**
 * The only door to our tools, whatever the transport: may the caller use it, are the arguments valid, which company
 * is meant, how long did it take, and what does a failure say. Tools hold no try/catch; this does.
 */
export function createToolSource({ tools, services, logger, scrubber, observe }: RunToolOptions): ToolSource {
  const byName = new Map(tools.map((tool) => [tool.descriptor.name, tool]));
  const lists = new WeakMap<Principal, readonly ToolDescriptor[]>();

  const list = (principal: Principal): readonly ToolDescriptor[] => {
    const known = lists.get(principal);
    if (known !== undefined) return known;
    const visible = tools.filter((tool) => principal.canCall(toolRef(tool))).map((tool) => tool.descriptor);
    lists.set(principal, visible);
    return visible;
  };

  return {
    list,
    // A tool out of the caller's reach is no secret: `call` says that a permission is missing.
    has: (name) => byName.has(name),
    async call(name, args, context): Promise<ToolOutcome> {
      const startedAt = performance.now();
      let outcome = 'ok';
      try {
        const tool = byName.get(name);
        if (tool === undefined) throw unknownTool(name, list(context.principal));
        const ref = toolRef(tool);
        if (!context.principal.canCall(ref)) throw outOfReach(name);
        const structured = await tool.invoke(args, services, context);
        // Revoked or expired while the answer was being made: nothing more is told.
        if (!context.principal.canCall(ref)) throw outOfReach(name);
        return { structured, isError: false };
      } catch (thrown) {
        const error = asAppError(thrown);
        outcome = error.code;
        if (error instanceof InternalError) {
          logger.error({ tool: name, requestId: context.requestId, err: error.cause }, 'tool call broke');
        }
        if (error.retryable) context.log('warning', `${name}: ${scrubber.scrub(error.message)}`);
        const erro = scrubbed({ ...error.toErro(), id_requisicao: context.requestId }, scrubber);
        return { structured: { erro: { ...erro } }, isError: true, erro };
      } finally {
        const durationMs = performance.now() - startedAt;
        observe?.({ tool: name, principal: context.principal.id, requestId: context.requestId, outcome, durationMs });
        if (logger.isLevelEnabled('debug')) {
          logger.debug({ tool: name, requestId: context.requestId, outcome, ms: Math.round(durationMs) }, 'tool call');
        }
      }
    },
  };
}

function outOfReach(name: string): PermissionError {
  return new PermissionError(`Seu acesso não inclui a ferramenta ${name}.`, {
    hint: 'Quem administra o servidor pode incluí-la no seu token.',
  });
}

function unknownTool(name: string, visible: readonly ToolDescriptor[]): NotFoundError {
  return new NotFoundError(`Não existe a ferramenta ${JSON.stringify(name.slice(0, 80))}.`, {
    hint: `Ferramentas disponíveis: ${visible.map((tool) => tool.name).join(', ')}.`,
  });
}

/** Failures are cleaned here, once for every door; answers where they are rendered, as one text. */
function scrubbed(erro: Erro, scrubber: SecretScrubber): Erro {
  const clean = { ...erro, mensagem: scrubber.scrub(erro.mensagem) };
  if (clean.sugestao !== undefined) clean.sugestao = scrubber.scrub(clean.sugestao);
  return clean;
}
