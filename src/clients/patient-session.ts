import {
  type Ask,
  brokenConnection,
  callTool,
  type Failure,
  failed,
  heldOffFailure,
  type Outcome,
} from './call-tool.ts';
import { type Connection, connect, type Target } from './connect.ts';
import { ConnectionError } from './connection-errors.ts';
import { HoldOff } from './hold-off.ts';
import { type ReconnectPolicy, reconnectDelayMs } from './reconnect-delay.ts';
import { type Pause, ToldWaits, type WaitLimits, type WaitParts } from './told-waits.ts';
import { WakeUp } from './wake-up.ts';

export interface Patience {
  /** A server that answers nothing for so long is given up; so is a question that found no way through for so long. */
  readonly limitMs: number;
  /** The same before the first session: an address that never answered is more likely wrong than restarting. */
  readonly startLimitMs: number;
  readonly reconnect: ReconnectPolicy;
  /** For waits that the server or Omie asks for. */
  readonly waits?: WaitLimits;
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
  readonly onHold?: WaitParts['onHold'] | undefined;
  readonly onOmieWait?: WaitParts['onOmieWait'] | undefined;
  /** For the waits that the server or Omie asks for; a timer when absent. */
  readonly pause?: Pause | undefined;
}

/**
 * Asks over one session after another: a connection that breaks and a session that is not known any more lead to a new session with
 * growing pauses, opened once for all who wait. A server that refuses for now (503, 429) keeps its session and is given the time
 * it asks for. A server that restarts may have forgotten what it asked Omie, who then refuses to be asked again for up to a minute:
 * once the connection was lost, that is waited for too. Only for questions that may be asked twice.
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
  #wasLost = false;
  readonly #waits: ToldWaits;

  constructor(target: Target, options: PatientOptions = {}) {
    const { patience = defaultPatience, random = Math.random, onLost } = options;
    this.#target = target;
    this.#patience = patience;
    this.#random = random;
    this.#onLost = onLost ?? (() => undefined);
    this.#waits = new ToldWaits({
      limits: patience.waits,
      reconnect: patience.reconnect,
      random,
      pause: options.pause ?? ((timeMs, signal) => new WakeUp().pause(timeMs, signal)),
      onHold: options.onHold ?? (() => undefined),
      onOmieWait: options.onOmieWait ?? (() => undefined),
    });
  }

  /** The first session; throws `ConnectionError`, or the signal's reason when aborted. */
  async open(signal: AbortSignal): Promise<void> {
    const connection = await this.#connection(signal);
    if (connection === undefined && this.#whyNot !== undefined) throw this.#whyNot;
  }

  /** An outcome in any case; only an abort throws. */
  readonly ask: Ask = async (call, answer, signal) => {
    let waitedForOmieMs: number | undefined = 0;
    for (let lostAt: number | undefined; ; ) {
      await this.#waits.ready();
      const current = this.#connection(signal);
      const connection = await current;
      if (connection === undefined) return failed(this.#givenUp());
      const outcome = await callTool(connection.client, call, answer, signal);
      if (!outcome.ok && outcome.failure.heldOff !== undefined) {
        if (!(await this.#holdOff(outcome.failure.heldOff, signal))) return outcome;
        lostAt = undefined;
        continue;
      }
      const isBroken = !outcome.ok && outcome.failure.codigo === brokenConnection.codigo;
      if (!isBroken) {
        this.#hear();
        const waitMs = this.#repetitionMs(outcome);
        if (waitMs === undefined) return outcome;
        waitedForOmieMs = await this.#waits.forOmie(waitMs, waitedForOmieMs, signal);
        if (waitedForOmieMs === undefined) return outcome;
        lostAt = undefined;
        continue;
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
        if (!(error.cause instanceof HoldOff)) this.#stumble();
        else if (!(await this.#holdOff(error.cause, signal))) return undefined;
      }
    }
  }

  #givenUp(): Failure {
    const cause = this.#whyNot?.cause;
    return cause instanceof HoldOff ? heldOffFailure(cause) : brokenConnection;
  }

  /** When to ask again what Omie refused, perhaps only because the server before had asked it (ms). */
  #repetitionMs<T>(outcome: Outcome<T>): number | undefined {
    if (!this.#wasLost || outcome.ok || outcome.failure.codigo !== 'omie_limite') return undefined;
    const { espera_segundos: seconds } = outcome.failure;
    return seconds === undefined ? undefined : seconds * 1_000;
  }

  /** False when it was waited long enough. A server that refuses is there: what is waited as told is no time without one. */
  async #holdOff(holdOff: HoldOff, signal: AbortSignal): Promise<boolean> {
    const isWaited = await this.#waits.holdOff(holdOff, signal);
    if (this.#lostAt !== undefined) this.#lostAt = performance.now();
    return isWaited;
  }

  #hear(): void {
    this.#waits.hear();
    this.#lostAt = undefined;
    this.#failures = 0;
  }

  #lose(): void {
    if (this.#lostAt === undefined) this.#onLost();
    this.#wasLost = true;
    this.#current = undefined;
    this.#stumble();
  }

  #stumble(): void {
    this.#lostAt ??= performance.now();
    this.#failures += 1;
  }
}
