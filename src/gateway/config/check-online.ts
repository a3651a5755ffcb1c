import { asAppError } from '../../errors.ts';
import type { GatewayConfig, UpstreamConfig } from './gateway-config.ts';

/** What a server offers when it is connected to and asked for its lists. */
export interface ProbeResult {
  readonly tools: number;
  readonly resources: number;
  readonly prompts: number;
  /** What of it would be held back and why: Portuguese, one line each. */
  readonly problems: readonly string[];
}

/**
 * Connects to one server, lists what it offers and closes again. Rejects with an `AppError` whose message may be shown:
 * it holds no credential.
 */
export type ProbeUpstream = (config: UpstreamConfig, signal: AbortSignal) => Promise<ProbeResult>;

export interface OnlineFinding {
  readonly server: string;
  /** Portuguese, one line. */
  readonly text: string;
  readonly good: boolean;
}

/** Every mounted server at once; each has its own connect and answer time, after which it is given up. */
export function checkOnline(config: GatewayConfig, probe: ProbeUpstream): Promise<OnlineFinding[]> {
  const mounted = config.servers.filter(({ disabled }) => !disabled);
  return Promise.all(mounted.map((server) => checkOne(server, probe)));
}

async function checkOne(config: UpstreamConfig, probe: ProbeUpstream): Promise<OnlineFinding> {
  const { id, connectTimeoutMs, timeoutMs } = config;
  const signal = AbortSignal.timeout(connectTimeoutMs + timeoutMs);
  try {
    const { tools, resources, prompts, problems } = await probe(config, signal);
    const counts = `${tools} ferramenta(s), ${resources} recurso(s), ${prompts} prompt(s)`;
    return { server: id, text: [counts, ...problems].join('; '), good: true };
  } catch (thrown) {
    const late = `não respondeu em ${(connectTimeoutMs + timeoutMs) / 1_000} s`;
    return { server: id, text: signal.aborted ? late : asAppError(thrown).message, good: false };
  }
}
