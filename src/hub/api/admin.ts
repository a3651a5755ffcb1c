/** Who may administer: the holder of one token, told apart from guesses in a time that says nothing about it. */
import type { IncomingMessage } from 'node:http';
import type { Identification } from '../../access/identification.ts';
import { digestOf, sameDigest } from '../../access/token-digest.ts';
import { fullAccess, type Principal } from '../../companies/principal.ts';
import { type AppError, PermissionError, UsageLimitError } from '../../errors.ts';
import type { EntryLimits } from '../../http/entry-limits.ts';
import type { Secret } from '../../logging/secret.ts';
import { HubError } from '../problem.ts';

export interface AdminParts {
  readonly token: Secret;
  readonly entry: EntryLimits;
  /** Whether a token that is not the administrator's is at least good for the tools: such a caller is told 403. */
  readonly identify: (req: IncomingMessage) => Identification | Promise<Identification>;
}

export interface Admin {
  /** Whose calls these are in the audit; sees the whole house. */
  readonly principal: Principal;
  /**
   * @param known told whose token it is that does not administer, where it is somebody's
   * @throws HubError, AppError for everybody else
   */
  admit(req: IncomingMessage, known: (principal: string) => void): Promise<void>;
}

export function createAdmin({ token, entry, identify }: AdminParts): Admin {
  const principal = fullAccess('hub-admin');
  const digest = digestOf(token.reveal());
  const { limits, logins } = entry;

  const refusalOf = async (req: IncomingMessage, tell: (principal: string) => void): Promise<HubError | AppError> => {
    if (req.headers.authorization === undefined)
      return unauthorized('Este caminho pede o token de administração do hub.');
    const known = await identify(req);
    if (known.kind === 'known' && known.byToken) tell(known.principal.id);
    if ((known.kind === 'known' && known.byToken) || known.kind === 'insufficient') {
      return new PermissionError('Este token não administra o hub.', { hint: 'Use o de HUB_ADMIN_TOKEN.' });
    }
    const waitMs = await logins.failed(req);
    return waitMs === undefined ? unauthorized('O token de administração não confere.') : tooOften(waitMs);
  };

  return {
    principal,
    async admit(req, known) {
      const addressWaitMs = await limits.ofAddress(req);
      if (addressWaitMs !== undefined) throw new UsageLimitError('Pedidos demais neste minuto.', addressWaitMs);
      const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1];
      if (given === undefined || !sameDigest(digestOf(given), digest)) throw await refusalOf(req, known);
      const waitMs = logins.mustWait(req, principal);
      if (waitMs !== undefined) throw tooOften(waitMs);
    },
  };
}

function unauthorized(message: string): HubError {
  return new HubError('nao_autenticado', message, {
    hint: 'Envie o cabeçalho Authorization: Bearer com HUB_ADMIN_TOKEN.',
  });
}

function tooOften(waitMs: number): UsageLimitError {
  return new UsageLimitError('Tentativas demais com um token inválido vindas deste endereço.', waitMs);
}
