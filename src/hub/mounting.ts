/** The gateway as the hub needs it: servers are mounted and asked through it alone, so that its guarantees hold. */
import type { UpstreamConfig } from '../gateway/config/gateway-config.ts';
import type { UpstreamState } from '../gateway/upstreams/upstream-registry.ts';
import type { CallContext, ToolDescriptor, ToolOutcome } from '../tools/tool-source.ts';

export interface MountedState {
  readonly state: UpstreamState;
  /** Portuguese: why it is not connected, or what of it is held back. */
  readonly problem: string | undefined;
  /** As the server itself calls them. */
  readonly tools: readonly string[];
  /** Those in quarantine, which nobody may call until an operator agrees; absent: none. */
  readonly held?: readonly HeldBackTool[] | undefined;
}

export type HeldBackTool = Pick<MountedTool, 'name' | 'ownName' | 'readOnly'>;

/** A tool under its mounted name, as MCP clients see it. */
export interface MountedTool {
  readonly name: string;
  /** As the server itself calls it. */
  readonly ownName: string;
  readonly readOnly: boolean;
  readonly descriptor: ToolDescriptor;
}

export interface Mounting {
  /** From now on these are mounted beside those of the gateway file, and no others of the hub. */
  mount(servers: readonly UpstreamConfig[]): Promise<void>;
  /** Undefined while it is not mounted. */
  stateOf(id: string): MountedState | undefined;
  toolsOf(id: string): readonly MountedTool[];
  /** States or offers changed; returns the end of it. */
  onChange(listener: () => void): () => void;
  /** Domains a deployed server may not have: the gateway file's, and the built-in one. */
  takenDomains(): ReadonlySet<string>;
  /** One line that a mounted program printed for people; returns the end of it. */
  onOutput(listener: (id: string, line: string) => void): () => void;
  /** A call through every guard of the gateway: rights, scope, pins, breaker, audit. */
  call(mountedName: string, args: unknown, context: CallContext): Promise<ToolOutcome>;
  /** Forgets what was pinned of a server that is gone for good. */
  unpin(id: string): Promise<void>;
}
