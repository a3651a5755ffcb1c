import type { Sandbox } from 'e2b';
import { Secret } from '../../logging/secret.ts';
import { MCP_PATH, SANDBOX_PORT } from './e2b-commands.ts';

/** Where a server in a sandbox answers, and what it takes to be let in. */
export interface SandboxReach {
  readonly transport: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly allowPrivateAddress: boolean;
}

/**
 * @param sandboxUrl one address for all sandboxes, which are told apart as the SDK tells them apart; undefined: each port of
 *   each has a host of its own
 */
export function reachOf(sandbox: Sandbox, sandboxUrl: string | undefined): SandboxReach {
  const { trafficAccessToken: token, sandboxId } = sandbox;
  // E2B's own header for ports that are not open to all.
  const access = token === undefined ? {} : { 'e2b-traffic-access-token': new Secret(token) };
  if (sandboxUrl === undefined) {
    const url = `https://${sandbox.getHost(SANDBOX_PORT)}${MCP_PATH}`;
    return { transport: 'http', url, headers: access, allowPrivateAddress: false };
  }
  const which = { 'e2b-sandbox-id': new Secret(sandboxId), 'e2b-sandbox-port': new Secret(String(SANDBOX_PORT)) };
  const url = `${sandboxUrl.replace(/\/$/, '')}${MCP_PATH}`;
  return { transport: 'http', url, headers: { ...access, ...which }, allowPrivateAddress: true };
}
