import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Principal } from './companies/principal.ts';
import { refuseLoneStdioToken } from './config/access-settings.ts';
import { secretNames } from './config/environment.ts';
import { refuseOpenDoor, refuseOpenHub, weaknessOfHubToken } from './config/start-checks.ts';
import { CancelledError } from './errors.ts';
import { buildHouse, type House } from './house/house.ts';
import type { HouseOptions, HouseParts } from './house/house-options.ts';
import { openAccess } from './house/open-access.ts';
import { speaksHttp, type TransportName } from './house/transport-name.ts';
import { createLogger } from './logging/logger.ts';
import { SecretScrubber } from './logging/redact.ts';
import { Secret } from './logging/secret.ts';
import type { McpEndpoints } from './transports/mcp-endpoints.ts';
import { onUnheardEnd } from './transports/unheard-end.ts';

export interface AppOptions extends HouseOptions {
  readonly transports: readonly TransportName[];
  readonly stdio?: {
    readonly stdin: Readable;
    readonly stdout: Writable;
    /** True when a program, not a terminal or nothing, is at the other end. */
    readonly piped: boolean;
  };
  /** Where log lines go; stderr by default. */
  readonly writeLog?: (line: string) => void;
}

/** How long calls in flight may take once a stop was asked for. */
const drainMs = 10_000;

/**
 * How long, at least, a replica that leaves still serves the connections its proxy keeps open: long enough for a busy
 * proxy to use each once more and be told to close it (ADR 0012).
 */
const leaveMs = 1_000;

export interface RunningApp {
  /** The main HTTP port; undefined when only stdio is served. */
  readonly port: number | undefined;
  /** Resolves when a conversation over stdio has ended; never when there was none. */
  readonly finished: Promise<void>;
  /** Refuses new work, lets what is in flight end (10 s at most), closes everything. */
  stop(): Promise<void>;
}

/**
 * Builds the house from the ground up and opens its doors.
 *
 * @throws ConfigurationError when a setting or the credentials file is bad, or a port cannot be had and nobody speaks
 * over stdio; CancelledError when the start was given up, or nobody is left to start for. Nothing is left running then.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { environment } = options;
  refuseOpenHub(environment);
  refuseOpenDoor(environment, speaksHttp(options.transports));
  const scrubber = new SecretScrubber();
  for (const name of secretNames) {
    const value = environment[name];
    if (value instanceof Secret) scrubber.register(value);
  }
  const logger = createLogger({ level: environment.MCP_LOG_LEVEL, scrubber, write: options.writeLog });
  const weakness = weaknessOfHubToken(environment);
  if (weakness !== undefined) logger.warn(weakness);
  const access = await openAccess(environment, logger);
  const start = watchStart(options);
  const { house, local } = await build({ ...options, stop: start.stop }, { access, scrubber, logger }).catch(
    (error: unknown) => {
      start.failed();
      access.close();
      throw error;
    },
  );
  const { endpoints } = house;
  const { transports, stdio } = options;
  // Whoever needs it waits for it before the first answer.
  const web = speaksHttp(transports) ? await import('./house/open-web.ts') : undefined;
  start.over();
  if (start.stop.aborted) {
    start.failed();
    await house.close();
    access.close();
    throw new CancelledError();
  }

  const finished = serveStdio(options, endpoints, local);
  const servedOtherwise = transports.includes('stdio') && stdio?.piped === true;
  const webOptions = { environment, transports, servedOtherwise };
  const doors = await web?.openWeb(webOptions, { house, access, logger }).catch(async (error: unknown) => {
    await house.close();
    access.close();
    throw error;
  });
  // A program on stdio waits for its first answer; everybody else comes later. A failure shows with the first question.
  if (options.stdio?.piped !== true) house.warmUp().catch(() => {});
  // Whatever goes wrong with one of them is told by its record.
  house.hub?.restore().catch((err: unknown) => logger.error({ err }, 'hub could not restore its servers'));
  let stopped: Promise<void> | undefined;
  return {
    port: doors?.port,
    finished,
    stop() {
      stopped ??= (async () => {
        const deadline = Date.now() + drainMs;
        if (doors !== undefined && environment.MCP_REPLICA_NAME !== undefined) {
          // Another replica is there: a refused connection sends the proxy to it, where a 503 would reach the client.
          doors.leave();
          await Promise.all([sleep(leaveMs), house.calls.whenIdle(drainMs)]);
        }
        house.drain();
        // The doors of a lone server stay open meanwhile: who comes now is told 503 and when to come back, and health
        // says "draining".
        await endpoints.close({ drainMs: deadline - Date.now() });
        const closed = doors?.close();
        await Promise.race([closed, sleep(250, undefined, { ref: false })]);
        doors?.closeAll();
        await closed;
        await house.close();
        access.close();
      })();
      return stopped;
    },
  };
}

/** The house, and who speaks over stdio: a token that is not good must stop the start, not open the pipe to all. */
async function build(options: AppOptions, parts: HouseParts): Promise<{ house: House; local: Principal }> {
  const { environment, transports } = options;
  refuseLoneStdioToken(environment);
  const local = parts.access.local(transports.includes('stdio') ? environment.MCP_STDIO_TOKEN : undefined);
  return { house: await buildHouse(options, parts), local };
}

interface StartWatch {
  readonly stop: AbortSignal;
  /** Somebody reads from now on. */
  over(): void;
  /** Nobody will. */
  failed(): void;
}

/** What makes a start pointless: a stop that was asked for, or the end of the only conversation before its first word. */
function watchStart({ transports, stdio, stop }: AppOptions): StartWatch {
  const start = new AbortController();
  const give = (): void => start.abort();
  if (stop?.aborted === true) give();
  stop?.addEventListener('abort', give, { once: true });
  const alone = transports.length === 1 && transports[0] === 'stdio';
  const stdin = alone ? stdio?.stdin : undefined;
  const forget = stdin === undefined ? undefined : onUnheardEnd(stdin, give);
  const over = (): void => {
    stop?.removeEventListener('abort', give);
    forget?.();
  };
  return {
    stop: start.signal,
    over,
    failed() {
      over();
      // Looked at once, it would hold a process that has nothing else to do.
      stdin?.destroy();
    },
  };
}

/** The end of stdin ends the process only if somebody ever spoke: containers have no stdin and serve HTTP. */
function serveStdio({ transports, stdio }: AppOptions, endpoints: McpEndpoints, local: Principal): Promise<void> {
  return new Promise((resolve) => {
    if (!transports.includes('stdio') || stdio === undefined) return;
    let heard = false;
    stdio.stdin.once('data', () => {
      heard = true;
    });
    const alone = transports.length === 1;
    endpoints.stdio.serve(local, {
      stdin: stdio.stdin,
      stdout: stdio.stdout,
      onClose: () => {
        if (heard || alone) resolve();
      },
    });
  });
}
