/**
 * A published package, or a repository at one commit, in a sandbox at E2B, far from this machine: installed there, put behind
 * supergateway there, and reached by Streamable HTTP with a token that only this hub has.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from 'e2b';
import type { Logger } from '../../logging/logger.ts';
import { HubError } from '../problem.ts';
import type { FetchArchive } from '../repositories/archive-source.ts';
import { createGuardedFetch } from '../safety/guarded-fetch.ts';
import type { LogLines } from '../servers/log-lines.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import {
  type E2bLaunch,
  e2bLaunchSchema,
  HEALTH_PATH,
  installCommands,
  lineOf,
  MCP_PATH,
  serveLine,
} from './e2b-commands.ts';
import { CommandOutput, linesOf } from './e2b-output.ts';
import { e2bFit, planOf } from './e2b-plan.ts';
import { reachOf } from './e2b-reach.ts';
import { E2bSandboxes, type E2bSettings, e2bError, LIFETIME_MS } from './e2b-sandboxes.ts';
import type { LookUpNpm } from './npm-package.ts';
import type { Health, Reach, Runner, StartContext } from './runner.ts';

export interface E2bParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly e2b: E2bSettings;
  readonly lines: LogLines;
  readonly logger: Logger;
  /** HUB_NPM_REGISTRY, which a sandbox does not know. */
  readonly npmRegistry?: string | undefined;
  readonly lookUpNpm: LookUpNpm;
  readonly fetchArchive: FetchArchive;
  /** How often the lives of sandboxes are extended, in milliseconds. */
  readonly extendEveryMs?: number;
}

export interface E2b {
  readonly runner: Runner;
  /** Sandboxes run on for a while: the next hub finds them. */
  close(): Promise<void>;
}

interface Live {
  readonly sandbox: Sandbox;
  readonly output: CommandOutput;
}

/** A third of a sandbox's life: two that fail end nothing. */
const EXTEND_EVERY_MS = LIFETIME_MS / 3;
const LOOK_EVERY_MS = 500;

export function openE2b(parts: E2bParts): E2b {
  const { dataDir, e2b, lines, logger, extendEveryMs = EXTEND_EVERY_MS } = parts;
  const sandboxes = new E2bSandboxes(e2b, dataDir);
  const live = new Map<string, Live>();
  const fetch = createGuardedFetch({ trusted: e2b.sandboxUrl });
  const timer = setInterval(() => void extendAll(), extendEveryMs).unref();

  const extendAll = async (): Promise<void> => {
    for (const [id, entry] of live) {
      const { sandbox } = entry;
      const lives = await sandboxes.extend(sandbox.sandboxId).catch((err: unknown) => {
        logger.warn({ err, server: id }, 'the life of a sandbox could not be extended');
        return true;
      });
      // Meanwhile it may have been stopped, and started anew in another sandbox.
      if (lives || live.get(id) !== entry) continue;
      lines.add(id, 'hub: o E2B encerrou a sandbox; inicie o servidor de novo');
      await forget(id);
    }
  };

  const forget = async (id: string): Promise<void> => {
    const known = live.get(id);
    live.delete(id);
    await known?.output.leave();
  };

  const untilAnswers = async (sandbox: Sandbox, output: CommandOutput, signal: AbortSignal): Promise<void> => {
    const { url, headers } = reachOf(sandbox, e2b.sandboxUrl);
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
    for (;;) {
      if (output.exitCode !== undefined) {
        throw new HubError('fonte_indisponivel', `O servidor terminou ao iniciar (código ${output.exitCode}).`, {
          hint: 'Os logs dele dizem mais.',
        });
      }
      const response = await fetch(url.slice(0, -MCP_PATH.length) + HEALTH_PATH, {
        headers: plain,
        signal,
        redirect: 'manual',
      }).catch((thrown: unknown) => {
        if (thrown instanceof HubError) throw thrown;
        return undefined;
      });
      await response?.body?.cancel();
      if (response?.ok === true) return;
      await wait(LOOK_EVERY_MS, undefined, { signal });
    }
  };

  const orWarn = (id: string, ending: Promise<void>): Promise<void> =>
    ending.catch((err: unknown) => {
      logger.warn({ err, server: id }, 'a sandbox could not be ended');
      lines.add(id, `hub: o E2B não respondeu; a sandbox termina sozinha em até ${LIFETIME_MS / 60_000} minutos`);
    });

  /** The sandbox of before a restart of the hub, when the very same command still runs in it. */
  const takeOver = async (server: ServerRecord, line: string, signal: AbortSignal): Promise<Live | undefined> => {
    const sandbox = await sandboxes.find(server.id, signal);
    if (sandbox === undefined) return undefined;
    const output = new CommandOutput(sandbox, hearerOf(lines, server.id));
    try {
      const process = (await sandbox.commands.list({ signal })).find(({ args }) => args.at(-1) === line);
      if (process === undefined) throw new HubError('fonte_indisponivel', 'O servidor não roda mais na sandbox.');
      await output.connect(process.pid);
      await untilAnswers(sandbox, output, signal);
      return { sandbox, output };
    } catch (err) {
      await output.leave();
      signal.throwIfAborted();
      logger.warn({ err, server: server.id }, 'a sandbox that still ran is given up');
      await sandboxes.kill(server.id);
      return undefined;
    }
  };

  /** @throws with its sandbox ended, and no other: what a hub that leaves had taken over waits for the next one */
  const begin = async (server: ServerRecord, launch: E2bLaunch, line: string, context: StartContext): Promise<Live> => {
    const start = randomUUID();
    try {
      return await beginIn(start, server, launch, line, context);
    } catch (thrown) {
      await orWarn(server.id, sandboxes.killStart(start));
      throw thrown;
    }
  };

  const beginIn = async (
    start: string,
    server: ServerRecord,
    launch: E2bLaunch,
    line: string,
    context: StartContext,
  ): Promise<Live> => {
    const { signal, log } = context;
    log('criando a sandbox no E2B');
    const sandbox = await sandboxes.create(server.id, start, signal);
    const hear = linesOf(log);
    for (const command of installCommands(launch)) {
      log(`na sandbox: ${command.command} ${command.args.slice(0, 3).join(' ')} …`);
      const options = { timeoutMs: 0, signal, onStdout: hear, onStderr: hear };
      await sandbox.commands.run(lineOf(command), options).catch((thrown: unknown) => {
        throw isExit(thrown) ? notPrepared(thrown) : e2bError(thrown);
      });
    }
    const output = new CommandOutput(sandbox, hearerOf(lines, server.id));
    try {
      await output.start(line, server.env, signal).catch((thrown: unknown) => {
        throw e2bError(thrown);
      });
      await untilAnswers(sandbox, output, signal);
    } catch (thrown) {
      await output.leave();
      throw thrown;
    }
    return { sandbox, output };
  };

  /** Never rejects: what cannot be ended now ends by itself, because nobody extends it any more. */
  const end = async (id: string): Promise<void> => {
    await forget(id);
    if (!sandboxes.isOn) return;
    await orWarn(id, sandboxes.kill(id));
  };

  const runner: Runner = {
    method: 'e2b',
    unusable: () => sandboxes.unusable(),
    fit: e2bFit,
    plan: (job, signal) => planOf(job, parts, signal),
    async start(server, context): Promise<Reach> {
      const launch = e2bLaunchSchema.parse(server.launch);
      const line = serveLine(launch, server.args);
      await forget(server.id);
      const running = (await takeOver(server, line, context.signal)) ?? (await begin(server, launch, line, context));
      live.set(server.id, running);
      return reachOf(running.sandbox, e2b.sandboxUrl);
    },
    stop: ({ id }) => end(id),
    async remove({ id }) {
      await end(id);
      lines.forget(id);
    },
    logs: async ({ id }, limit) => lines.last(id, limit),
    async health({ id }): Promise<Health> {
      const known = live.get(id);
      if (known === undefined) return { healthy: false, detail: 'a sandbox terminou' };
      try {
        const healthy = await known.sandbox.isRunning({ requestTimeoutMs: 5_000 });
        return healthy ? { healthy } : { healthy, detail: 'a sandbox terminou' };
      } catch {
        return { healthy: false, unknown: true, detail: 'o E2B não respondeu' };
      }
    },
    async sweep(known) {
      if (sandboxes.isOn) await sandboxes.killAllBut(known);
    },
  };

  return {
    runner,
    async close() {
      clearInterval(timer);
      for (const id of [...live.keys()]) await forget(id);
      await fetch.close();
    },
  };
}

const hearerOf = (lines: LogLines, id: string) => (line: string) => lines.add(id, line);

const isExit = (thrown: unknown): thrown is Error => thrown instanceof Error && thrown.name === 'CommandExitError';

function notPrepared(cause: Error): HubError {
  return new HubError('fonte_indisponivel', 'O servidor não pôde ser instalado na sandbox.', {
    hint: 'Os logs do servidor têm o que foi dito lá.',
    cause,
  });
}
