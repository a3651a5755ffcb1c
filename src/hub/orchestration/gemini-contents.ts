/** Our turns as Gemini's contents, and its parts as our answer (API v1beta). */
import type { Content, FunctionCall, GenerateContentResponse, Part } from '@google/genai';
import { z } from 'zod';
import { isFields } from '../../protocol/json-rpc.ts';
import type { GeminiFunctions } from './gemini-tools.ts';
import { brokenAnswer, type GeminiWire } from './gemini-wire.ts';
import type { ModelAnswer, ToolRequest, Turn } from './model.ts';

/** What a model's turn is kept with: its parts as they came, thought signatures and all, and the ids that were its own. */
export interface OwnTurn {
  readonly parts: readonly Part[];
  /** Of our request ids, those that Gemini gave itself. */
  readonly ids: ReadonlySet<string>;
}

export function contentsOf(
  turns: readonly Turn[],
  { toldName }: Pick<GeminiFunctions, 'toldName'>,
  ownOf: (turn: Turn) => OwnTurn | undefined,
): Content[] {
  const contents: Content[] = [];
  let known: ReadonlySet<string> = new Set();
  for (const turn of turns) {
    if (turn.role === 'user') contents.push({ role: 'user', parts: [{ text: turn.text }] });
    else if (turn.role === 'model') {
      const own = ownOf(turn);
      known = own?.ids ?? new Set();
      contents.push({ role: 'model', parts: own === undefined ? partsOf(turn, toldName) : [...own.parts] });
    } else {
      const { id, name, result, isError } = turn;
      const response = isError ? { error: result } : { output: result };
      const part: Part = { functionResponse: { name: toldName(name), response, ...(known.has(id) ? { id } : {}) } };
      const last = contents.at(-1);
      // Answers to the calls of one turn belong into one turn.
      if (last?.role === 'user' && last.parts?.[0]?.functionResponse !== undefined) last.parts.push(part);
      else contents.push({ role: 'user', parts: [part] });
    }
  }
  return contents;
}

function partsOf({ text, requests }: Extract<Turn, { role: 'model' }>, toldName: (name: string) => string): Part[] {
  const calls = requests.map(({ name, args }): Part => ({ functionCall: { name: toldName(name), args: { ...args } } }));
  return text === '' && calls.length > 0 ? calls : [{ text }, ...calls];
}

const count = z.number().int().nonnegative().optional();
/** What is read here of an answer or a piece of one; the library declares it, but does not check it. */
const pieceSchema = z.looseObject({
  candidates: z
    .array(
      z.looseObject({
        finishReason: z.string().optional(),
        content: z
          .looseObject({
            parts: z
              .array(
                z.looseObject({
                  text: z.string().optional(),
                  thought: z.boolean().optional(),
                  functionCall: z
                    .looseObject({ id: z.string().optional(), name: z.string(), args: z.custom(isFields).optional() })
                    .optional(),
                }),
              )
              .optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  promptFeedback: z.looseObject({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z
    .looseObject({
      promptTokenCount: count,
      toolUsePromptTokenCount: count,
      candidatesTokenCount: count,
      thoughtsTokenCount: count,
    })
    .optional(),
});

/** Of one answer: each is told what became of it. */
const MAX_CALLS = 100;

/** One answer out of as many pieces as it came in. */
export class AnswerPieces {
  readonly #parts: Part[] = [];
  finishReason: string | undefined;
  blockReason: string | undefined;
  #input = 0;
  #output = 0;

  /**
   * @returns the text that is new with this piece
   * @throws HubError for one that is not what the API says it is
   */
  add(piece: GenerateContentResponse): string {
    const { error } = pieceSchema.safeParse(piece);
    if (error !== undefined) throw brokenAnswer(`${error.issues[0]?.path.join('.')} não é o que devia ser`, error);
    const { candidates, usageMetadata: usage, promptFeedback } = piece;
    const [candidate] = candidates ?? [];
    this.finishReason = candidate?.finishReason ?? this.finishReason;
    this.blockReason = promptFeedback?.blockReason ?? this.blockReason;
    if (usage !== undefined) {
      // Each piece says how much it is so far.
      this.#input = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
      this.#output = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0);
    }
    const parts = candidate?.content?.parts ?? [];
    this.#parts.push(...parts);
    return textOf(parts);
  }

  get tokens(): ModelAnswer['tokens'] {
    return { input: this.#input, output: this.#output };
  }

  /** It says nothing and asks for nothing: what was only thought is no answer. */
  get isEmpty(): boolean {
    return textOf(this.#parts).trim() === '' && !this.#parts.some(({ functionCall }) => functionCall !== undefined);
  }

  /**
   * @param turn how many came before, so that ids are never the same twice
   * @throws HubError where it asks for too much at once
   */
  answer(
    turn: number,
    { ownName }: Pick<GeminiFunctions, 'ownName'>,
    { exact }: Pick<GeminiWire, 'exact'>,
  ): Omit<ModelAnswer, 'own'> & { own: OwnTurn } {
    const ids = new Set<string>();
    const requests = this.#parts
      .flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]))
      .map(({ id, name = '', args = {} }: FunctionCall, index): ToolRequest => {
        if (id !== undefined) ids.add(id);
        return { id: id ?? `${turn}-${index}`, name: ownName(name), args: exact(args) };
      });
    if (requests.length > MAX_CALLS) throw brokenAnswer(`mais do que ${MAX_CALLS} chamadas de uma vez`);
    return { text: textOf(this.#parts), requests, tokens: this.tokens, own: { parts: this.#parts, ids } };
  }
}

/** What is said, without what was only thought. */
function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ text, thought }) => (text === undefined || thought === true ? [] : [text])).join('');
}
