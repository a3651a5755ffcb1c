import { setMaxListeners } from 'node:events';
import type { Outcome } from './call-tool.ts';
import { ConnectionError } from './connection-errors.ts';
import { defaultPatience, type Patience, PatientSession } from './patient-session.ts';
import { createProgressBar, type TextOutput } from './progress-bar.ts';
import { toDocument } from './report-document.ts';
import { renderRound } from './report-view.ts';
import { type Round, takeRound } from './take-round.ts';
import type { Pause } from './told-waits.ts';
import { exitCodeOf } from './totals.ts';

export interface ReportOptions {
  readonly url: string;
  /** Ids to look at; all companies the access may see when absent. */
  readonly companies?: readonly string[] | undefined;
  readonly token?: string | undefined;
  /** One JSON document instead of the table. */
  readonly json: boolean;
  readonly out: NodeJS.WritableStream;
  readonly err: TextOutput;
  readonly signal: AbortSignal;
  /** Companies asked at the same time. */
  readonly concurrency?: number;
  readonly now?: () => Date;
  readonly patience?: Patience;
  /** For the waits that the server or Omie asks for; a timer when absent. */
  readonly pause?: Pause;
}

/**
 * One pass over every company, through Streamable HTTP. A server that restarts meanwhile is waited for, and what was answered before
 * stays; when it does not come back within {@link defaultPatience}, what is missing are failed rows. Exit code 0 when the totals are whole, 1 when anything is missing from them. A pass
 * that was interrupted prints no table: a short one could be taken for the whole.
 */
export async function runReport(options: ReportOptions): Promise<{ exitCode: 0 | 1 }> {
  const { out, err, signal } = options;
  // Every call in flight listens for the interruption; Node warns at eleven.
  setMaxListeners(0, signal);
  try {
    const round = await openAndTake(options);
    if (!round.ok) {
      err.write(`Não foi possível listar as empresas: ${round.failure.codigo}: ${round.failure.mensagem}\n`);
      return { exitCode: 1 };
    }
    out.write(options.json ? `${JSON.stringify(toDocument(round.value), null, 2)}\n` : renderRound(round.value));
    return { exitCode: exitCodeOf(round.value) };
  } catch (error) {
    if (signal.aborted) err.write('Interrompido antes do fim; nada foi somado.\n');
    else if (error instanceof ConnectionError) err.write(`${error.message}\n`);
    else throw error;
    return { exitCode: 1 };
  }
}

async function openAndTake(options: ReportOptions): Promise<Outcome<Round>> {
  const { url, token, err, patience = defaultPatience } = options;
  const bar = createProgressBar(err);
  const seconds = inSeconds(patience.limitMs);
  const session = new PatientSession(
    { url, token, transport: 'http' },
    {
      patience,
      pause: options.pause,
      onLost: () => err.write(`A conexão com o servidor caiu. Novas tentativas por até ${seconds} s.\n`),
      onHold: ({ status, meaning }, ms) =>
        err.write(`O servidor pediu para esperar ${inSeconds(ms)} s (${status}: ${meaning}).\n`),
      onOmieWait: (ms) => err.write(`O Omie pede para esperar ${inSeconds(ms)} s antes de repetir uma consulta.\n`),
    },
  );
  try {
    await session.open(options.signal);
    return await takeRound(session.ask, {
      companies: options.companies,
      concurrency: options.concurrency ?? 8,
      signal: options.signal,
      now: options.now ?? (() => new Date()),
      onStart: bar.start,
      onCompany: bar.advance,
    });
  } finally {
    bar.stop();
    await session.close();
  }
}

function inSeconds(timeMs: number): string {
  return (timeMs / 1_000).toLocaleString('pt-BR', { maximumFractionDigits: 1 });
}
