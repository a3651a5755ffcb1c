import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identification } from '../access/identification.ts';
import type { Principal } from '../companies/principal.ts';
import { type AppError, InternalError, UsageLimitError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import { domainInPath } from './address-domains.ts';
import type { Authenticate } from './authenticate.ts';
import { sendChallenge } from './challenge.ts';
import type { EntryLimits } from './entry-limits.ts';
import { sendAppError, sendRpcError } from './error-response.ts';
import { sendBusy } from './turn-away.ts';

export interface EntranceOptions {
  readonly authenticate: Authenticate;
  readonly entry: EntryLimits;
  readonly logger: Logger;
  readonly onRefused: OnRefused;
  /** Where clients learn how to get a token; undefined without OAuth. */
  readonly metadataUrl?: string | undefined;
}

/** One request on its way in. */
export interface Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
}

export interface Entrance {
  /** Whether a request was turned away because the process has too much to do: asked early, for it must cost next to nothing. */
  turnsAway(visit: Visit): boolean;
  /** Lets a request in when it is its turn, or answers it otherwise. */
  admit(visit: Visit, goOn: (principal: Principal) => void): void;
  /** Whose details a request may see: only those of a good token; a token may be guessed here no more often than elsewhere. */
  holder(req: IncomingMessage): Promise<Principal | undefined>;
}

const mcpPaths = new Set(['/mcp', '/streamable', '/sse', '/messages']);

/**
 * Who comes in: whether there is room, how often this address asks, who it is, how often that one asks. Where there is
 * nothing to wait for nobody waits: a limit that is not set costs nothing.
 */
export function createEntrance({ authenticate, entry, logger, onRefused, metadataUrl }: EntranceOptions): Entrance {
  const { limits, logins, line, hasty } = entry;

  return {
    turnsAway({ req, res, path }) {
      if (!line.isFull()) return false;
      onRefused('overload');
      sendBusy(res, isMcp(path) ? 'mcp' : 'rest', hasty.refuse(req));
      return true;
    },
    admit(visit, goOn) {
      line.join(() => {
        if (visit.res.destroyed) return;
        unlessTooOften(visit, limits.ofAddress(visit.req), () => identify(visit, goOn));
      });
    },
    async holder(req) {
      const identification = await authenticate(req);
      if (identification.kind === 'known') {
        const { principal, byToken } = identification;
        return byToken && logins.mustWait(req, principal) === undefined ? principal : undefined;
      }
      if (isGuess(req, identification)) logins.failed(req).catch(() => {});
      return undefined;
    },
  };

  function identify(visit: Visit, goOn: (principal: Principal) => void): void {
    const identification = authenticate(visit.req);
    if (!(identification instanceof Promise)) judge(visit, identification, goOn);
    else {
      // It never rejects; a client may have left meanwhile.
      void identification.then((known) => {
        if (!visit.res.destroyed) judge(visit, known, goOn);
      });
    }
  }

  function judge(visit: Visit, identification: Identification, goOn: (principal: Principal) => void): void {
    const { req } = visit;
    if (identification.kind !== 'known') {
      challenge(visit, identification);
      return;
    }
    const { principal, byToken } = identification;
    const waitMs = byToken ? logins.mustWait(req, principal) : undefined;
    if (waitMs !== undefined) refuseGuessing(visit, waitMs);
    else unlessTooOften(visit, byToken ? limits.ofPrincipal(principal, req) : undefined, () => goOn(principal));
  }

  /** Goes on at once when there is no limit to ask. */
  function unlessTooOften(visit: Visit, limit: Promise<number | undefined> | undefined, goOn: () => void): void {
    if (limit === undefined) {
      goOn();
      return;
    }
    const settle = (waitMs: number | undefined): void => {
      if (visit.res.destroyed) return;
      if (waitMs === undefined) goOn();
      else {
        onRefused('rate');
        sendRefusal(visit, new UsageLimitError('Consultas demais neste minuto.', waitMs));
      }
    };
    limit.then(settle).catch((thrown: unknown) => {
      logger.error({ err: thrown }, 'request broke');
      sendAppError(visit.res, new InternalError(thrown));
    });
  }

  function challenge(visit: Visit, refused: Exclude<Identification, { kind: 'known' }>): void {
    const { req, res } = visit;
    const refuse = (): void => {
      onRefused('auth');
      sendChallenge(req, res, refused, metadataUrl);
    };
    if (!isGuess(req, refused)) refuse();
    else {
      logins.failed(req).then((waitMs) => {
        if (waitMs === undefined) refuse();
        else refuseGuessing(visit, waitMs);
      }, refuse);
    }
  }

  function refuseGuessing(visit: Visit, waitMs: number): void {
    onRefused('login');
    sendRefusal(visit, new UsageLimitError('Tentativas demais com um token inválido vindas deste endereço.', waitMs));
  }
}

/** No token at all is no guess, nor is a good one that opens nothing. */
function isGuess(req: IncomingMessage, { kind }: Identification): boolean {
  return kind === 'unknown' && req.headers.authorization !== undefined;
}

/** Clients of MCP look for an error of JSON-RPC, whatever went wrong. */
function sendRefusal({ res, path }: Visit, error: AppError): void {
  if (isMcp(path)) sendRpcError(res, error);
  else sendAppError(res, error);
}

function isMcp(path: string): boolean {
  return mcpPaths.has(path) || domainInPath(path) !== undefined;
}
