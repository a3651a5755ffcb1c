import type { Principal } from '../companies/principal.ts';
import { echoableId, type Fields, isFields, isRequestId, type RequestId } from '../protocol/json-rpc.ts';
import { CANCELLED, LISTEN } from '../protocol/methods.ts';
import { isPlainEnvelope, metaOf } from './envelope.ts';
import type { Cancel, ModernEndpoint } from './modern-endpoint.ts';
import { OVERLOADED } from './overloaded.ts';
import type { SessionParts } from './session-parts.ts';

/** Requests of 2026-07-28 on a shared line: cancelled by notification, since nobody can hang up on just one. */
export class ModernLine {
  readonly #parts: SessionParts;
  readonly #endpoint: ModernEndpoint;
  readonly #principal: Principal;
  readonly #write: (text: string) => void;
  readonly #pending = new Map<RequestId, Cancel | undefined>();
  /** Those of the pending that only listen: nobody waits for their end. */
  readonly #listening = new Set<RequestId>();
  #judging = 0;

  constructor(parts: SessionParts, endpoint: ModernEndpoint, principal: Principal, write: (text: string) => void) {
    this.#parts = parts;
    this.#endpoint = endpoint;
    this.#principal = principal;
    this.#write = write;
  }

  get busy(): boolean {
    return this.#judging > 0 || this.#pending.size > this.#listening.size;
  }

  /** A cancellation need not carry the envelope; it is ours when the request was. */
  isCancelledBy({ method, params }: Fields): boolean {
    return method === CANCELLED && this.#named(params) !== undefined;
  }

  receive(message: Fields): void {
    if (message['method'] === CANCELLED) {
      this.#cancel(this.#named(message['params']));
      return;
    }
    const meta = metaOf(message);
    if (meta !== undefined && isPlainEnvelope(meta)) this.#accept(message);
    else {
      this.#judging += 1;
      this.#judge(message)
        .catch(this.#parts.onError)
        .finally(() => {
          this.#judging -= 1;
        });
    }
  }

  close(): void {
    for (const id of [...this.#pending.keys()]) this.#cancel(id);
  }

  /** What is not plain is the SDK's to judge, which is loaded for it. */
  async #judge(message: Fields): Promise<void> {
    const { envelopeProblem } = await import('./envelope-problem.ts');
    const problem = envelopeProblem(message);
    if (problem === undefined) this.#accept(message);
    else this.#write(this.#parts.errors.text(echoableId(message), problem));
  }

  #accept(message: Fields): void {
    const { id } = message;
    if (isRequestId(id) && !this.#pending.has(id)) this.#serve(message, id);
  }

  #serve(message: Fields, id: RequestId): void {
    if (!this.#parts.admission.enter(this.#principal, this.#pending.size)) {
      const { code, message: busy, data } = OVERLOADED;
      this.#write(this.#parts.errors.text(id, { code, message: busy, data }));
      return;
    }
    this.#parts.inFlight.enter();
    this.#pending.set(id, undefined);
    if (message['method'] === LISTEN) this.#listening.add(id);
    const cancel = this.#endpoint.serve(
      message,
      { principal: this.#principal, door: 'stdio' },
      {
        notify: this.#write,
        answer: (answered, text) => {
          this.#settle(answered);
          this.#write(text.toString());
        },
      },
    );
    if (this.#pending.has(id)) this.#pending.set(id, cancel);
  }

  #cancel(id: RequestId | undefined): void {
    if (id === undefined) return;
    const cancel = this.#pending.get(id);
    this.#settle(id);
    cancel?.();
  }

  #settle(id: RequestId): void {
    this.#listening.delete(id);
    if (!this.#pending.delete(id)) return;
    this.#parts.inFlight.leave();
    this.#parts.admission.leave(this.#principal);
  }

  #named(params: unknown): RequestId | undefined {
    if (!isFields(params) || !isRequestId(params['requestId'])) return undefined;
    return this.#pending.has(params['requestId']) ? params['requestId'] : undefined;
  }
}
