/** Connects to a server once, as mounting it would, and says what it offers or why it would not be mounted. */
import { AppError, UpstreamUnavailableError } from '../../errors.ts';
import type { Logger } from '../../logging/logger.ts';
import type { ProbeUpstream } from '../config/check-online.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { UpstreamAnswerError, UpstreamGoneError, UpstreamTimeoutError } from '../links/link-errors.ts';
import { LinkOpener } from './link-opener.ts';
import { readOffer } from './read-offer.ts';
import { CLIENT_CAPABILITIES } from './registry.ts';
import { screenOffer } from './screen.ts';
import { trustScreen } from './trust-screen.ts';
import { problemOf } from './upstream-words.ts';

export interface ProbeParts {
  readonly logger: Logger;
  /** What a child process gets besides its declared variables. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly clientInfo: { readonly name: string; readonly version: string };
}

/** Nothing is pinned by it: looking is not agreeing. */
export function probeUpstream(parts: ProbeParts): ProbeUpstream {
  return async (config, signal) => {
    const opener = new LinkOpener(config, { ...parts, clientCapabilities: CLIENT_CAPABILITIES });
    try {
      const link = await opener.open(signal);
      try {
        const read = await readOffer(link, { signal, timeoutMs: config.timeoutMs });
        const { offer, problems } = await screenOffer(config, read.offer, trustScreen({}));
        return {
          tools: offer.tools.length,
          resources: offer.resources.length + offer.templates.length,
          prompts: offer.prompts.length,
          problems: [...read.problems, ...problems],
        };
      } finally {
        await link.close().catch(() => {});
      }
    } catch (thrown) {
      throw new UpstreamUnavailableError(reasonAndRemedy(thrown, config), { cause: thrown });
    } finally {
      await opener.close();
    }
  };
}

function reasonAndRemedy(thrown: unknown, config: UpstreamConfig): string {
  if (thrown instanceof UpstreamAnswerError && (thrown.status === 401 || thrown.status === 403)) {
    return config.auth === undefined
      ? `pede uma credencial (HTTP ${thrown.status}) e o arquivo não dá nenhuma; defina auth deste servidor`
      : `recusou a credencial (HTTP ${thrown.status}); confira o valor de auth, que pode ter expirado`;
  }
  return `${problemOf(thrown)}; ${remedy(thrown, config)}`;
}

function remedy(thrown: unknown, { transport, connectTimeoutMs, timeoutMs }: UpstreamConfig): string {
  if (thrown instanceof AppError) return thrown.hint ?? 'corrija a entrada deste servidor';
  if (thrown instanceof UpstreamTimeoutError) {
    return `veja se está sobrecarregado, ou aumente connect_timeout (${connectTimeoutMs / 1_000} s) e timeout (${timeoutMs / 1_000} s)`;
  }
  if (transport === 'stdio') return 'rode command com args à mão e confira o programa, cwd e env';
  if (thrown instanceof UpstreamAnswerError) {
    return 'confira o caminho da url (costuma ser /mcp ou /sse) e transport';
  }
  if (thrown instanceof UpstreamGoneError) return 'veja se ele está no ar, e confira url e transport';
  return 'confira a entrada deste servidor';
}
