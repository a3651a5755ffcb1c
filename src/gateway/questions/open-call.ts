/** One call of a client of 2026-07-28 to an upstream that asks in the middle of it: it lives over several requests. */
import { randomUUID } from 'node:crypto';
import type { Principal } from '../../companies/principal.ts';
import { CancelledError } from '../../errors.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import type { CallContext } from '../../tools/tool-source.ts';
import type { JsonObject } from '../links/link.ts';
import type { ClientWay, Served } from '../upstreams/upstream-registry.ts';
import { fitQuestion } from './fit-question.ts';
import { forwardContext } from './forward-context.ts';
import type { Question, Questions } from './input-required.ts';

interface Open {
  readonly question: Question;
  resolve(answer: JsonObject): void;
  reject(reason: Error): void;
}

export class OpenCall {
  readonly id = randomUUID();
  /** The very one: a token made anew under the same id is another. */
  readonly principal: Principal;
  /** How often it came back with questions. Answers are taken for the last time alone. */
  round = 0;
  /** Who asked last. */
  askedBy = '';
  readonly #abort = new AbortController();
  readonly #open = new Map<string, Open>();
  readonly #outcome: Promise<Served>;
  /** Of the request that waits now, or waited last. */
  #context: CallContext;
  #wake: () => void = () => {};
  #asked = 0;

  constructor(context: CallContext, forward: (how: ClientWay) => Promise<Served>) {
    this.#context = context;
    this.principal = context.principal;
    const first = forwardContext(context);
    this.#outcome = forward({
      ...first,
      signal: this.#abort.signal,
      progress: (params) => forwardContext(this.#context).progress(params),
      log: (params) => forwardContext(this.#context).log(params),
      ask: (method, params, server) => this.#ask({ method, params }, server),
    });
    // It may fail while nobody waits.
    this.#outcome.catch(() => {});
  }

  /** What waits for an answer. */
  get questions(): Questions {
    return Object.fromEntries([...this.#open].map(([key, { question }]) => [key, question]));
  }

  /** Takes the answers that were asked for; others mean nothing. */
  answer(responses: JsonObject): void {
    for (const [key, { resolve }] of [...this.#open]) {
      const response = responses[key];
      if (!isFields(response)) continue;
      this.#open.delete(key);
      resolve({ ...response });
    }
  }

  /** Waits for the outcome, or for questions: undefined then. Whoever hangs up meanwhile ends the call. */
  async turn(context: CallContext): Promise<Served | undefined> {
    this.#context = context;
    const { signal } = context;
    const gone = (): void => this.cancel();
    if (signal.aborted) gone();
    signal.addEventListener('abort', gone, { once: true });
    try {
      return await Promise.race([this.#outcome, this.#untilAsked()]);
    } finally {
      signal.removeEventListener('abort', gone);
    }
  }

  cancel(): void {
    this.#abort.abort();
    for (const { reject } of this.#open.values()) reject(new CancelledError());
    this.#open.clear();
  }

  async #ask(asked: Question, server: string): Promise<JsonObject> {
    const capabilities = this.#context.capabilities ?? {};
    const question = fitQuestion(asked, { capabilities, era: 'modern' });
    if (this.#abort.signal.aborted) throw new CancelledError();
    this.askedBy = server;
    this.#asked += 1;
    const answer = new Promise<JsonObject>((resolve, reject) => {
      this.#open.set(`question-${this.#asked}`, { question, resolve, reject });
    });
    this.#wake();
    return answer;
  }

  async #untilAsked(): Promise<undefined> {
    if (this.#open.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    // What is asked in the same breath goes out together.
    await new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }
}
