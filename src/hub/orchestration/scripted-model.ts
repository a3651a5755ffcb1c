import type { Conversation, Model, ModelAnswer, ToolRequest } from './model.ts';

/** What a scripted model says in one turn; tokens are counted as one a word. */
export interface ScriptedTurn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly args?: Readonly<Record<string, unknown>> }[];
}

/** One turn after the other, or a function of what it is shown: for tests and examples, without any provider. */
export type Script = readonly ScriptedTurn[] | ((conversation: Conversation, turn: number) => ScriptedTurn);

export function scriptedModel(script: Script, name = 'scripted'): Model {
  let turn = 0;
  return {
    name,
    async next(conversation, signal, onText) {
      signal.throwIfAborted();
      const said: ScriptedTurn =
        typeof script === 'function' ? script(conversation, turn) : (script[turn] ?? { text: 'Fim do roteiro.' });
      const { text = '', calls = [] } = said;
      const requests = calls.map(
        ({ name: tool, args = {} }, index): ToolRequest => ({ id: `${turn}-${index}`, name: tool, args }),
      );
      turn += 1;
      if (text !== '') onText?.(text);
      return { text, requests, tokens: { input: words(conversation), output: wordsOf(text) } } satisfies ModelAnswer;
    },
  };
}

const wordsOf = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

const words = ({ turns }: Conversation): number =>
  turns.reduce((sum, turn) => sum + wordsOf(turn.role === 'tool' ? turn.result : turn.text), 0);
