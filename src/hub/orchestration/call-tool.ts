import type { Principal } from '../../companies/principal.ts';
import { asAppError, CancelledError, InternalError } from '../../errors.ts';
import { readToolResult } from '../../gateway/library/read-tool-result.ts';
import { cleanText } from '../../gateway/trust/clean-text.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { withoutSecrets } from '../../server/without-secrets.ts';
import { shorten } from '../../shorten.ts';
import { jsonWithoutValues, withoutValues } from '../servers/given-values.ts';
import type { ToolBox } from './tool-box.ts';

/** Characters of one answer that a model is shown. */
export const MAX_RESULT_LENGTH = 20_000;
const CUT = '\n[Resultado cortado pelo hub. Peça menos de uma vez: filtro, página, período.]';

export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly ms: number;
}

export interface CallParts {
  readonly tools: Pick<ToolBox, 'call' | 'envOf'>;
  /** Whose task it is: the model has this one's rights and no others. */
  readonly principal: Principal;
  readonly requestId: string;
  /** Takes the credentials of the house out of what a model, and so its provider, is shown. */
  readonly scrub: (text: string) => string;
  /** Told of a defect of ours that the model is only told to be one. */
  readonly onDefect: (thrown: unknown) => void;
}

/**
 * Calls a tool in the caller's name; its failure is an answer too, and repeats no value that its server was given.
 *
 * @throws CancelledError
 */
export async function callTool(
  { tools, principal, requestId, scrub, onDefect }: CallParts,
  name: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  // Its server may be gone by the end of the call.
  const env = tools.envOf(name);
  const startedAt = performance.now();
  const answer = (text: string, isError: boolean): ToolAnswer => ({
    text: text.length > MAX_RESULT_LENGTH ? shorten(text, MAX_RESULT_LENGTH) + CUT : text,
    isError,
    ms: Math.round(performance.now() - startedAt),
  });
  if (signal.aborted) throw new CancelledError();
  try {
    const context = { door: 'rest', principal, signal, requestId, progress: () => {}, log: () => {} } as const;
    const outcome = await tools.call(name, args, context);
    if (signal.aborted) throw new CancelledError();
    const { forwarded, isError } = outcome;
    const said = forwarded === undefined ? exactJson(outcome.structured) : forwarded.toString();
    const json = withoutSecrets(isError ? jsonWithoutValues(said, env) : said, scrub);
    if (forwarded === undefined) return answer(cleanText(json), isError);
    // One more than fits, so that what is cut is known to be cut.
    return answer(readToolResult(json, MAX_RESULT_LENGTH + 1).text, isError);
  } catch (thrown) {
    if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
    const problem = asAppError(thrown);
    if (problem instanceof InternalError) onDefect(thrown);
    return answer(scrub(withoutValues(problem.message, env)), true);
  }
}
