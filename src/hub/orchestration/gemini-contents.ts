/** Our turns as Gemini's contents, and its parts as our answer (API v1beta). */
import type { Content, FunctionCall, GenerateContentResponse, Part } from '@google/genai';
import type { GeminiFunctions } from './gemini-tools.ts';
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

/** One answer out of as many pieces as it came in. */
export class AnswerPieces {
  readonly #parts: Part[] = [];
  finishReason: string | undefined;
  blockReason: string | undefined;
  #input = 0;
  #output = 0;

  /** @returns the text that is new with this piece */
  add({ candidates, usageMetadata: usage, promptFeedback }: GenerateContentResponse): string {
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

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** @param turn how many came before, so that ids are never the same twice */
  answer(turn: number, { ownName }: Pick<GeminiFunctions, 'ownName'>): Omit<ModelAnswer, 'own'> & { own: OwnTurn } {
    const ids = new Set<string>();
    const requests = this.#parts
      .flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]))
      .map(({ id, name = '', args = {} }: FunctionCall, index): ToolRequest => {
        if (id !== undefined) ids.add(id);
        return { id: id ?? `${turn}-${index}`, name: ownName(name), args };
      });
    return { text: textOf(this.#parts), requests, tokens: this.tokens, own: { parts: this.#parts, ids } };
  }
}

/** What is said, without what was only thought. */
function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ text, thought }) => (text === undefined || thought === true ? [] : [text])).join('');
}
