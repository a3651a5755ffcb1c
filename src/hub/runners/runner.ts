/** One way to run servers. One file each; the hub knows runners through this alone. */
import type { Secret } from '../../logging/secret.ts';
import type { Source, WantedVariable } from '../deploy/source.ts';
import type { Method, ServerRecord } from '../servers/server-record.ts';

/** What is to run, checked by `safety/` already. */
export interface Job {
  readonly source: Source;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port?: number | undefined;
}

/** A program and its arguments, exactly as they are started; never a line for a shell. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** What would happen, with everything an operator wants to know first. Values of variables are never in it. */
export interface RunnerPlan {
  /** In order: what prepares it, and at last what runs it. `{folder}` stands for the server's own folder. */
  readonly commands: readonly Command[];
  /** The image it runs, with the digest that its tag stands for now. */
  readonly image?: string | undefined;
  /** Hosts that are called to prepare it. */
  readonly hosts: readonly string[];
  /** When this version was published; undefined when nobody says. */
  readonly publishedAt?: string | undefined;
  /** Of what has no version: a digest of what lies there now. Undefined also where it is too much to read. */
  readonly content?: string | undefined;
  /** Scripts its packages would run while being installed, and that are not run here; of those that are, `warnings` tells. */
  readonly installScripts?: readonly string[] | undefined;
  readonly wanted?: readonly WantedVariable[] | undefined;
  /** What an operator should think about, Portuguese. */
  readonly warnings: readonly string[];
  /** Stored with the server and handed back to {@link Runner.start}; no secrets. */
  readonly launch: ServerRecord['launch'];
}

/** How the gateway reaches a server that runs. */
export type Reach =
  | {
      readonly transport: 'stdio';
      /** The gateway starts it, watches it, starts it again and ends its whole process group. */
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
      /** Each downstream session has a process of its own, so many at once; undefined: one process for everybody. */
      readonly ownSessions?: number | undefined;
    }
  | {
      readonly transport: 'http' | 'sse';
      readonly url: string;
      readonly headers?: Readonly<Record<string, Secret>>;
      /** For a container on this machine; a server elsewhere is never reached at a private address. */
      readonly allowPrivateAddress: boolean;
    };

export interface StartContext {
  /** Aborted when the start takes too long, or the server is to stop. */
  readonly signal: AbortSignal;
  /** One line of what preparing it printed. */
  log(line: string): void;
}

export type Fit = { readonly fits: boolean; readonly why: string };

export interface Health {
  readonly healthy: boolean;
  /** Nobody could tell, or not in time: `healthy` is false and says nothing, and starts or ends nothing. */
  readonly unknown?: true | undefined;
  /** Portuguese. */
  readonly detail?: string | undefined;
}

export interface Runner {
  readonly method: Method;
  /** Servers that listen on a port are reached there; the others speak over stdin and stdout, and none is looked for. */
  readonly servesPorts?: true;
  /** Why nothing can run this way here (Portuguese, with what to set); undefined when it can. Cheap, starts nothing. */
  unusable(): Promise<string | undefined> | string | undefined;
  /** Whether a source can run this way, and why: shown as the reason of `auto`. Pure. */
  fit(source: Source): Fit;
  /** Looks up, checks, and says what would happen. Leaves no file and starts nothing of the source. @throws HubError */
  plan(job: Job, signal: AbortSignal): Promise<RunnerPlan>;
  /**
   * Prepares the server and makes it reachable; taken over where it still runs from before a restart of the hub. For
   * `stdio` nothing runs yet: the gateway starts it. @throws HubError, with nothing left of what this start made; what was
   * found is left alone, because a hub that is leaving ends nobody
   */
  start(server: ServerRecord, context: StartContext): Promise<Reach>;
  /** Ends what runs of it; what is needed to start it again stays. Nothing to end is fine. @throws HubError when it may still run */
  stop(server: ServerRecord): Promise<void>;
  /** After {@link stop}, well or not: nothing of it is left anywhere. @throws HubError when something may be */
  remove(server: ServerRecord): Promise<void>;
  /** The last lines, oldest first. */
  logs(server: ServerRecord, limit: number): Promise<readonly string[]>;
  /** What the runner knows beyond the gateway's own connection. */
  health(server: ServerRecord): Promise<Health>;
  /** At the start of the hub: ends and removes what an earlier hub left behind of servers that are not known. */
  sweep(known: ReadonlySet<string>): Promise<void>;
}
