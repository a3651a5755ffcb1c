/** Gemini through its own library, which is loaded when it is asked for the first time. */
import type { GenerateContentParameters, GoogleGenAI } from '@google/genai';
import type { Secret } from '../../logging/secret.ts';
import { HubError } from '../problem.ts';
import { AnswerPieces, contentsOf, type OwnTurn } from './gemini-contents.ts';
import { geminiError, refusalOf } from './gemini-errors.ts';
import { geminiFunctions } from './gemini-tools.ts';
import { type GeminiWire, geminiWire } from './gemini-wire.ts';
import type { Model, ModelAnswer, Turn } from './model.ts';

export interface GeminiSettings {
  readonly apiKey: Secret | undefined;
  /** Undefined: Google's. */
  readonly baseUrl?: string | undefined;
  readonly model: string;
}

const API_VERSION = 'v1beta';
const MALFORMED: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

/** @returns a way to the model that throws HubError (`nao_configurado`) where the key or the library is missing */
export function geminiProvider(settings: GeminiSettings): () => Promise<Model> {
  let opened: Promise<Model> | undefined;
  return async () => {
    opened ??= open(settings);
    // What is missing now may be there later: an installed library, say.
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
}

async function open({ apiKey, baseUrl, model }: GeminiSettings): Promise<Model> {
  if (apiKey === undefined) {
    throw new HubError('nao_configurado', 'Falta a chave do Gemini.', {
      hint: 'Defina GEMINI_API_KEY (ou GEMINI_API_KEY_FILE) e reinicie.',
    });
  }
  const { GoogleGenAI } = await import('@google/genai').catch((cause: unknown) => {
    throw new HubError('nao_configurado', 'Falta o pacote @google/genai.', {
      hint: 'Instale-o ao lado do hub: npm install @google/genai@2.',
      cause,
    });
  });
  const wire = geminiWire();
  const client = new GoogleGenAI({
    apiKey: apiKey.reveal(),
    vertexai: false,
    httpOptions: {
      apiVersion: API_VERSION,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      fetch: wire.fetch,
    },
  });
  return geminiModel(client, wire, model);
}

function geminiModel(client: GoogleGenAI, wire: Pick<GeminiWire, 'exact'>, model: string): Model {
  const owned = new WeakMap<object, OwnTurn>();
  const ownOf = (turn: Turn): OwnTurn | undefined =>
    turn.role === 'model' && typeof turn.own === 'object' && turn.own !== null ? owned.get(turn.own) : undefined;
  return {
    name: model,
    async next({ system, turns, tools }, signal, onText) {
      const functions = geminiFunctions(tools);
      const request: GenerateContentParameters = {
        model,
        contents: contentsOf(turns, functions, ownOf),
        config: {
          systemInstruction: system,
          abortSignal: signal,
          ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: [...functions.declarations] }] }),
        },
      };
      const spent = { input: 0, output: 0 };
      for (let attempt = 1; ; attempt += 1) {
        const pieces = await ask(client, request, signal, onText);
        spent.input += pieces.tokens.input;
        spent.output += pieces.tokens.output;
        if (attempt === 1 && isSlip(pieces)) continue;
        const answer = checked(pieces).answer(turns.length, functions, wire);
        owned.set(answer.own, answer.own);
        return { ...answer, tokens: spent } satisfies ModelAnswer;
      }
    },
  };
}

async function ask(
  client: GoogleGenAI,
  request: GenerateContentParameters,
  signal: AbortSignal,
  onText: Parameters<Model['next']>[2],
): Promise<AnswerPieces> {
  const pieces = new AnswerPieces();
  try {
    if (onText === undefined) {
      pieces.add(await client.models.generateContent(request));
      return pieces;
    }
    for await (const piece of await client.models.generateContentStream(request)) {
      const text = pieces.add(piece);
      if (text !== '') onText(text);
    }
    return pieces;
  } catch (thrown) {
    throw geminiError(thrown, signal, request.model);
  }
}

/** A call that it could not write down, or nothing at all: usually well the second time. */
function isSlip({ finishReason = '', isEmpty }: AnswerPieces): boolean {
  return MALFORMED.has(finishReason) || (finishReason === 'STOP' && isEmpty);
}

/** @throws HubError for an answer that is none, or only half of one */
function checked(pieces: AnswerPieces): AnswerPieces {
  const { blockReason, finishReason = 'MISSING', isEmpty } = pieces;
  const refusal =
    blockReason === undefined
      ? refusalOf(finishReason === 'STOP' && isEmpty ? 'MISSING' : finishReason, 'answer')
      : refusalOf(blockReason, 'prompt');
  if (refusal !== undefined) throw refusal;
  return pieces;
}
