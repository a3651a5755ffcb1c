import { askOver, isConnectionFailure } from './call-tool.ts';
import type { Connection } from './connect.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { toDocument } from './report-document.ts';
import { renderRound } from './report-view.ts';
import { takeRound } from './take-round.ts';
import { exitCodeOf } from './totals.ts';
import { WakeUp } from './wake-up.ts';

/** How a session ended: the connection broke, it was told to stop, or its one round is done. */
export type SessionEnd = { readonly kind: 'lost' | 'stopped' } | { readonly kind: 'done'; readonly exitCode: 0 | 1 };

/** A chatty server must not turn "again and again" into "without pause". */
const quietAfterRoundMs = 1_000;
const concurrency = 4;

/** Rounds over one connection until it breaks, or until there is no reason for another. */
export async function monitorSession(
  connection: Connection,
  options: MonitorOptions,
  onRound: () => void,
): Promise<SessionEnd> {
  const { signal, out, err } = options;
  const live = AbortSignal.any([signal, connection.lost]);
  const wakeUp = new WakeUp();
  await listenForChanges(connection, wakeUp, live);
  try {
    while (true) {
      live.throwIfAborted();
      const round = await takeRound(askOver(connection.client), {
        companies: options.companies,
        concurrency,
        signal: live,
        now: options.now ?? (() => new Date()),
      });
      if (round.ok) {
        onRound();
        out.write(options.json ? `${JSON.stringify(toDocument(round.value))}\n` : `${renderRound(round.value)}\n`);
      } else {
        err.write(`Não foi possível listar as empresas: ${round.failure.codigo}: ${round.failure.mensagem}\n`);
        if (!options.once && isConnectionFailure(round.failure)) return { kind: 'lost' };
      }
      if (options.once) return { kind: 'done', exitCode: round.ok ? exitCodeOf(round.value) : 1 };
      await pauseBetweenRounds(wakeUp, options, live);
    }
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
    if (live.aborted) return { kind: 'lost' };
    throw error;
  }
}

async function pauseBetweenRounds(wakeUp: WakeUp, options: MonitorOptions, live: AbortSignal): Promise<void> {
  const intervalMs = options.intervalSeconds * 1000;
  const quietMs = Math.min(intervalMs, quietAfterRoundMs);
  await new WakeUp().pause(quietMs, live);
  await wakeUp.pause(intervalMs - quietMs, live);
}

/** What the server says has changed brings the next round forward. */
async function listenForChanges({ client }: Connection, wakeUp: WakeUp, signal: AbortSignal): Promise<void> {
  const wake = (): void => wakeUp.wake();
  client.setNotificationHandler('notifications/tools/list_changed', wake);
  client.setNotificationHandler('notifications/resources/list_changed', wake);
  client.setNotificationHandler('notifications/resources/updated', wake);
  if (client.getServerCapabilities()?.resources?.subscribe !== true) return;
  // Without the subscription the list of companies is still read anew each round; only later.
  await client.subscribeResource({ uri: 'omie://companies' }, { signal }).catch(() => undefined);
}
