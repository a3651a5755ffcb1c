/** Why a gathering is not whole, and in which words that is told. */
import { UpstreamUnavailableError } from '../../errors.ts';
import { MalformedAnswerError, OversizedAnswerError, UpstreamAnswerError } from '../links/link-errors.ts';

export interface GatherFailure {
  readonly server: string;
  /** Absent when the server itself was the failure. */
  readonly uri?: string;
  /** In Portuguese. */
  readonly reason: string;
}

/** Somebody did not answer, and a part was not asked for. */
export class GatherError extends UpstreamUnavailableError {
  readonly failures: readonly GatherFailure[];

  constructor(failures: readonly GatherFailure[], cause?: unknown) {
    const [first] = failures;
    const what =
      first?.uri === undefined ? `pelo servidor ${first?.server}` : `por um recurso do servidor ${first.server}`;
    super(`A coleta de recursos falhou ${what}: ${first?.reason}.`, {
      cause,
      hint: 'Com orchestration.fail_fast: false vem o que respondeu, com cada falha nomeada.',
    });
    this.failures = failures;
  }
}

/** The message is the reason, in Portuguese. */
export class BadContents extends Error {}

export const stateWords = {
  connecting: 'conectando',
  connected: 'conectado',
  down: 'fora do ar',
  quarantined: 'em quarentena',
};

export function reasonOf(thrown: unknown): string {
  if (thrown instanceof BadContents) return thrown.message;
  if (thrown instanceof OversizedAnswerError) return 'a resposta do servidor é grande demais';
  if (thrown instanceof MalformedAnswerError) return 'a resposta do servidor está fora do protocolo';
  if (thrown instanceof UpstreamAnswerError) return `o servidor respondeu com o erro ${thrown.code}`;
  return thrown instanceof UpstreamUnavailableError ? 'o servidor não pôde atender' : 'a leitura falhou';
}
