import { distance } from 'fastest-levenshtein';
import type { Principal } from '../../companies/principal.ts';
import { AppError, type Erro } from '../../errors.ts';
import { visible } from '../../invisible-text.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { timeLimit } from '../../time-limit.ts';
import type { HeldBackTool, Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import { jsonWithoutValues, withoutValues } from './given-values.ts';
import type { ServerRecord } from './server-record.ts';

export interface InvokeContext {
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** After so many milliseconds the call is given up and the server told so. */
  readonly timeoutMs: number;
  /** Told of what the tool reports while it runs. */
  readonly progress?: (done: number, total: number | undefined, message: string | undefined) => void;
}

export interface Invoked {
  /** JSON of the `CallToolResult`, as the server wrote it: parsed, its numbers would be others. */
  readonly resultText: string;
  readonly isError: boolean;
}

/** @throws HubError for a server or tool that is not there; AppError when the call itself fails */
export type InvokeTool = (
  id: string,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  context: InvokeContext,
) => Promise<Invoked>;

/** Calls go the way of every MCP client's: through the gateway, in the administrator's name. */
export function createInvokeTool(
  servers: { get(id: string): Pick<ServerRecord, 'status' | 'env'> },
  mounting: Pick<Mounting, 'toolsOf' | 'stateOf' | 'call'>,
  principal: Principal,
): InvokeTool {
  return async (id, tool, args, { signal: caller, requestId, timeoutMs, progress = () => {} }) => {
    const { status, env } = servers.get(id);
    const tools = mounting.toolsOf(id);
    const isIt = ({ ownName, name }: HeldBackTool): boolean => ownName === tool || name === tool;
    const mounted = mounting.stateOf(id);
    // The gateway refuses what is in quarantine, in its own words and with its line in the audit.
    const found = tools.find(isIt) ?? mounted?.held?.find(isIt);
    if (found === undefined) {
      if (mounted?.state !== 'connected') {
        throw new HubError('conflito_de_estado', `O servidor não está pronto (${status}).`, {
          hint: 'GET /api/servers/{id} diz por quê; POST /api/servers/{id}/start o inicia.',
        });
      }
      throw new HubError('ferramenta_desconhecida', 'O servidor não tem esta ferramenta.', {
        hint: hintFor(tool, tools),
      });
    }
    const { signal, end } = timeLimit(caller, timeoutMs);
    const context = { door: 'rest', principal, signal, requestId, progress, log: () => {} } as const;
    const outcome = await mounting.call(found.name, args, context).finally(end);
    const { erro } = outcome;
    if (erro !== undefined && signal.aborted && !caller.aborted) throw lateError(found, timeoutMs);
    if (erro !== undefined) {
      const hint = hintOf(erro, id, found.ownName);
      throw new AppError(erro.codigo, withoutValues(erro.mensagem, env), { retryable: erro.tente_novamente, hint });
    }
    const { forwarded, isError } = outcome;
    const resultText = forwarded === undefined ? exactJson(outcome.structured) : forwarded.toString();
    return { resultText: isError ? jsonWithoutValues(resultText, env) : resultText, isError };
  };
}

function hintOf({ codigo, sugestao }: Erro, id: string, tool: string): string | undefined {
  if (codigo === 'em_quarentena') return howToApprove(id, tool);
  return sugestao ?? (codigo === 'servidor_recusou' ? ASK_THE_SERVER : undefined);
}

/** For who runs the hub: exactly what to type. */
function howToApprove(id: string, tool: string): string {
  // A name that a shell would take for something else is better not typed.
  const [shown, agreed] = /^\w[\w.-]*$/.test(tool) ? [`${id} ${tool}`, `${id} ${tool}`] : [id, `${id} --all`];
  return `Na pasta e com as variáveis deste hub, veja o que mudou com: omie-mcp-hub gateway diff ${shown} e, se concordar, aprove com: omie-mcp-hub gateway approve ${agreed}`;
}

const ASK_THE_SERVER = 'São palavras do servidor: confira os argumentos; GET /api/servers/{id}/logs pode dizer mais.';

/** A call that only reads can be made again; of one that may change something nobody knows whether it did. */
function lateError({ ownName, readOnly }: HeldBackTool, timeoutMs: number): AppError {
  const late = `${visible(ownName)} não respondeu em ${timeoutMs / 1_000} s e foi cancelada`;
  return readOnly
    ? new AppError('servidor_indisponivel', `${late}.`, {
        retryable: true,
        hint: 'Aumente timeout_seconds, ou peça menos de uma vez.',
      })
    : new AppError('resultado_desconhecido', `${late}: não se sabe se teve efeito.`, {
        hint: 'Confira no servidor antes de repetir; timeout_seconds dá mais tempo.',
      });
}

function hintFor(asked: string, tools: readonly { readonly ownName: string }[]): string {
  const names = tools.map(({ ownName }) => ownName);
  const near = names.toSorted((a, b) => distance(asked, a) - distance(asked, b)).slice(0, 5);
  return near.length === 0 ? 'Ele não oferece nenhuma.' : `As mais parecidas: ${near.map(visible).join(', ')}.`;
}
