import { connect } from './connect.ts';
import { ConnectionError } from './connection-errors.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { monitorSession, type SessionEnd } from './monitor-session.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';
import { WakeUp } from './wake-up.ts';

export type { MonitorOptions } from './monitor-options.ts';

/**
 * Watches the companies over the older HTTP+SSE transport until the signal aborts (exit code 0: that is how a monitor
 * ends), or for one round. A server that goes away is waited for; one that refuses the token is not.
 */
export async function runMonitor(options: MonitorOptions): Promise<{ exitCode: 0 | 1 }> {
  const { signal, err } = options;
  let attempt = 0;
  let worked = false;
  const onRound = (): void => {
    // Only a finished round proves the server well: one that accepts and dies at once must not be hammered.
    attempt = 0;
    worked = true;
  };
  while (!signal.aborted) {
    const end = await connectAndWatch(options, onRound);
    if (end.kind === 'done') return { exitCode: end.exitCode };
    if (end.kind === 'stopped') break;
    if (end.kind === 'unreachable') err.write(`${end.error.message}\n`);
    else err.write('A conexão com o servidor caiu.\n');
    if (options.once || (end.kind === 'unreachable' && hopeless(end.error, worked))) return { exitCode: 1 };

    const delayMs = reconnectDelayMs(attempt, (options.random ?? Math.random)(), options.reconnect);
    attempt += 1;
    err.write(`Nova tentativa em ${(delayMs / 1000).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} s.\n`);
    await new WakeUp().pause(delayMs, signal);
  }
  return { exitCode: options.once ? 1 : 0 };
}

type End = SessionEnd | { readonly kind: 'unreachable'; readonly error: ConnectionError };

async function connectAndWatch(options: MonitorOptions, onRound: () => void): Promise<End> {
  const { url, token, signal } = options;
  try {
    const connection = await connect({ url, token, transport: 'sse' }, signal);
    try {
      return await monitorSession(connection, options, onRound);
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
    if (error instanceof ConnectionError) return { kind: 'unreachable', error };
    throw error;
  }
}

function hopeless(error: ConnectionError, worked: boolean): boolean {
  return error.refused || (error.wrongAddress && !worked);
}
