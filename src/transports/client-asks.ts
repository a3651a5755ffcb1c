import { randomUUID } from 'node:crypto';
import { CancelledError } from '../errors.ts';
import { CAPABILITY_OF } from '../protocol/asking.ts';
import { METHOD_NOT_FOUND } from '../protocol/error-codes.ts';
import { exactJson } from '../protocol/exact-number.ts';
import { type Fields, isFields } from '../protocol/json-rpc.ts';
import type { StopSignal } from '../stop-signal.ts';
import { AskRefusedError } from '../tools/ask-refused-error.ts';
import type { AskClient } from '../tools/tool-source.ts';

/** No id of the SDK's, which counts from zero on the same connection. */
const ID_PREFIX = 'omie-mcp-hub:ask:';

/** An id is used once in a session, which may have lived in an earlier process ("Requests"). */
const newId = (): string => ID_PREFIX + randomUUID();

interface Waiting {
  resolve(result: Fields): void;
  reject(error: Error): void;
}

/**
 * Questions to one client while calls of the fast lane run. They go out with the call that they belong to, and their
 * answers come back as messages of their own.
 */
export class ClientAsks {
  readonly #capabilities: Fields;
  readonly #waiting = new Map<string, Waiting>();

  private constructor(capabilities: Fields) {
    this.#capabilities = capabilities;
  }

  /** Undefined for a client that can be asked nothing. */
  static of(capabilities: Fields): ClientAsks | undefined {
    const able = [...CAPABILITY_OF.values()].some((name) => isFields(capabilities[name]));
    return able ? new ClientAsks(capabilities) : undefined;
  }

  /** The way to ask during one call; once its signal is aborted every question of it is over. */
  during(signal: StopSignal, send: (text: string) => void): AskClient {
    return (method, params) => this.#ask(method, params, signal, send);
  }

  /** True when the message answers a question of ours. */
  settle(message: Fields): boolean {
    const { id, result, error } = message;
    const waiting = typeof id === 'string' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) return false;
    if (isFields(result)) waiting.resolve(result);
    else {
      const { code, message: words, data } = isFields(error) ? error : {};
      const said = typeof words === 'string' ? words : 'The client gave no result';
      waiting.reject(new AskRefusedError(typeof code === 'number' ? code : METHOD_NOT_FOUND, said, data));
    }
    return true;
  }

  #ask(method: string, params: Fields, signal: StopSignal, send: (text: string) => void): Promise<Fields> {
    const capability = CAPABILITY_OF.get(method);
    if (capability === undefined || !isFields(this.#capabilities[capability])) {
      const message = `The client cannot be asked: it did not declare ${capability ?? method}`;
      return Promise.reject(new AskRefusedError(METHOD_NOT_FOUND, message));
    }
    if (signal.aborted) return Promise.reject(new CancelledError());
    const id = newId();
    let onAbort = (): void => {};
    const answer = new Promise<Fields>((resolve, reject) => {
      onAbort = () => reject(new CancelledError());
      this.#waiting.set(id, { resolve, reject });
    });
    signal.addEventListener('abort', onAbort, { once: true });
    send(exactJson({ jsonrpc: '2.0', id, method, params }));
    return answer.finally(() => {
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(id);
    });
  }
}
