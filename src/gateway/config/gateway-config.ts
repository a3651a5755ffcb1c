import type { Secret } from '../../logging/secret.ts';

export type UpstreamTransport = 'stdio' | 'sse' | 'http';

export type UpstreamAuth =
  | { readonly kind: 'bearer'; readonly token: Secret }
  | { readonly kind: 'header'; readonly name: string; readonly value: Secret }
  | { readonly kind: 'basic'; readonly user: string; readonly password: Secret };

/** One mounted server, complete: defaults filled in, times in milliseconds, whatever may hold a credential a `Secret`. */
export interface UpstreamConfig {
  readonly id: string;
  readonly name: string;
  readonly transport: UpstreamTransport;
  /** http or https, without userinfo; of `sse` and `http`. */
  readonly url?: string;
  /** Of `stdio`. Never given to a shell. */
  readonly command?: string;
  readonly args: readonly string[];
  /** The only variables the child gets beyond those every program needs. */
  readonly env: Readonly<Record<string, Secret>>;
  /** Absolute. */
  readonly cwd?: string;
  readonly headers: Readonly<Record<string, Secret>>;
  /** 1–999, lower is preferred; unique within each domain. */
  readonly priority: number;
  /** Not empty; the first one prefixes what the server offers. */
  readonly domains: readonly [string, ...string[]];
  readonly capabilities: readonly string[];
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly auth?: UpstreamAuth;
  /** Other names of entities: alias → name. */
  readonly aliases: Readonly<Record<string, string>>;
  /** For the host of `url` alone: where a redirect or a document points to is checked in any case. */
  readonly allowPrivateAddress: boolean;
  readonly disabled: boolean;
  /** Whether each downstream session gets an upstream session (a child process) of its own; undefined: as it shows itself. */
  readonly stateful?: boolean;
  /** Upstream sessions (child processes) of downstream sessions at once; undefined: as many as a server of the file may have. */
  readonly maxSessions?: number | undefined;
  /** Globs of {@link matchesToolGlob}; exclude wins. */
  readonly tools: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

export interface Orchestration {
  /** 0 = nothing is cached. */
  readonly resourceCacheTtlMs: number;
  readonly failFast: boolean;
  readonly maxRetries: number;
  readonly maxConnections: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly enableLogging: boolean;
}

export interface GatewayConfig {
  /** In the order of the file, the disabled ones too. */
  readonly servers: readonly UpstreamConfig[];
  readonly orchestration: Orchestration;
}
