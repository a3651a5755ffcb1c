import { type Ask, brokenConnection, callTool, failed } from './call-tool.ts';
import { type Connection, connect, type Target } from './connect.ts';
import { ConnectionError } from './connection-errors.ts';
import { type ReconnectPolicy, reconnectDelayMs } from './reconnect-delay.ts';
import { WakeUp } from './wake-up.ts';

export interface Patience {
  /** A server that answers nothing for so long is given up; so is a question that found no way through for so long. */
  readonly limitMs: number;
  /** The same before the first session: an address that never answered is more likely wrong than restarting. */
  readonly startLimitMs: number;
  readonly reconnect: ReconnectPolicy;
}
export const defaultPatience: Patience = {
  limitMs: 30_000,
  startLimitMs: 3_000,
  reconnect: { firstDelayMs: 250, maxDelayMs: 5_000 },
};

export interface PatientOptions {
  readonly patience?: Patience | undefined;
  /** In [0, 1); for the jitter of delays. */
  readonly random?: (() => number) | undefined;
  /** The server went away; told once until it answers again. */
  readonly onLost?: (() => void) | undefined;
}

/**
 * Asks over one session after another: a connection that breaks, a session that is not known any more, a server that refuses
 * for now (503, 429) all lead to a new session with growing pauses, opened once for all who wait. Only for questions that may
 * be asked twice.
 */
export class PatientSession {
  readonly #target: Target;
  readonly #patience: Patience;
  readonly #random: () => number;
  readonly #onLost: () => void;
  /** All of them, to be closed at the end: a question may still be under way on one that refused another. */
  readonly #opened: Connection[] = [];
  #current: Promise<Connection | undefined> | undefined;
  #whyNot: ConnectionError | undefined;
  /** When the first thing failed since the last answer (ms). */
  #lostAt: number | undefined;
  #failures = 0;

  constructor(target: Target, { patience = defaultPatience, random = Math.random, onLost }: PatientOptions = {}) {
    this.#target = target;
    this.#patience = patience;
    this.#random = random;
    this.#onLost = onLost ?? (() => undefined);
  }

  /** The first session; throws `ConnectionError`, or the signal's reason when aborted. */
  async open(signal: AbortSignal): Promise<void> {
    const connection = await this.#connection(signal);
    if (connection === undefined && this.#whyNot !== undefined) throw this.#whyNot;
  }

  /** An outcome in any case; only an abort throws. */
  readonly ask: Ask = async (call, answer, signal) => {
    for (let lostAt: number | undefined; ; ) {
      const current = this.#connection(signal);
      const connection = await current;
      if (connection === undefined) return failed(brokenConnection);
      const outcome = await callTool(connection.client, call, answer, signal);
      const isBroken = !outcome.ok && outcome.failure.codigo === brokenConnection.codigo;
      if (!isBroken) {
        this.#hear();
        return outcome;
      }
      if (this.#current === current) this.#lose();
      lostAt ??= performance.now();
      if (performance.now() - lostAt >= this.#patience.limitMs) return outcome;
    }
  };

  /** Ends every session it opened. Never throws. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.map((connection) => connection.close()));
  }

  #connection(signal: AbortSignal): Promise<Connection | undefined> {
    this.#current ??= this.#connect(signal);
    return this.#current;
  }

  /** Undefined when the server is given up, once and for all. */
  async #connect(signal: AbortSignal): Promise<Connection | undefined> {
    for (;;) {
      if (this.#lostAt !== undefined) {
        const limitMs = this.#opened.length === 0 ? this.#patience.startLimitMs : this.#patience.limitMs;
        const leftMs = this.#lostAt + limitMs - performance.now();
        if (leftMs <= 0) return undefined;
        const delayMs = reconnectDelayMs(this.#failures - 1, this.#random(), this.#patience.reconnect);
        await new WakeUp().pause(Math.min(delayMs, leftMs), signal);
      }
      try {
        const connection = await connect(this.#target, signal);
        this.#opened.push(connection);
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        this.#whyNot = error;
        if (error.refused || (error.wrongAddress && this.#opened.length === 0)) return undefined;
        this.#stumble();
      }
    }
  }

  #hear(): void {
    this.#lostAt = undefined;
    this.#failures = 0;
  }

  #lose(): void {
    if (this.#lostAt === undefined) this.#onLost();
    this.#current = undefined;
    this.#stumble();
  }

  #stumble(): void {
    this.#lostAt ??= performance.now();
    this.#failures += 1;
  }
}
