import type { RawAnswer } from './known-answer.ts';

/** One client as the closed loop sees it, whatever the transport. */
export interface Session {
  /** Process id of the server when the session started it itself (stdio). */
  readonly serverPid?: number | undefined;
  /** As many senders as calls may be in flight. */
  readonly senders: readonly Sender[];
  close(): void;
}

/** Sends a request body and resolves with its answer, whose bytes may be gone with the next request. */
export type Sender = (body: string, id: number) => Promise<RawAnswer>;

/** Ids are unique in the process, so that an answer to another's request is noticed. */
let lastId = 0;
export function nextId(): number {
  lastId += 1;
  return lastId;
}

/** Requests waiting on a shared stream for the answer with their id. */
export class PendingAnswers {
  readonly #waiting = new Map<number, (text: string) => void>();

  answerTo(id: number): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }

  /** The id stands at either end of the message, so there is no need to parse it twice. */
  take(text: string): void {
    const id = Number(idPattern.exec(text.slice(0, 64))?.[1] ?? idPattern.exec(text.slice(-64))?.[1]);
    this.#waiting.get(id)?.(text);
    this.#waiting.delete(id);
  }
}

const idPattern = /"id":\s*(\d+)/;
