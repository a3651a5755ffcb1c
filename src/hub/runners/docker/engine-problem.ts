import { z } from 'zod';
import { HubError } from '../../problem.ts';

const failure = z.looseObject({
  statusCode: z.number().optional(),
  code: z.string().optional(),
  json: z.looseObject({ message: z.string() }).optional().catch(undefined),
});

/** HTTP status of an Engine's refusal; undefined for what is none. */
export function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof Error ? failure.safeParse({ ...thrown }).data?.statusCode : undefined;
}

/** What the Engine itself said, for the logs of the server alone. */
export function wordsOfEngine(thrown: unknown): string | undefined {
  return thrown instanceof Error ? failure.safeParse({ ...thrown }).data?.json?.message : undefined;
}

/** @param doing what was not done, e.g. `criar o contêiner` */
export function engineProblem(thrown: unknown, doing: string): HubError {
  if (thrown instanceof HubError) return thrown;
  const { statusCode, code } = (thrown instanceof Error && failure.safeParse({ ...thrown }).data) || {};
  if (code === 'EACCES') {
    return new HubError('nao_configurado', 'O hub não tem permissão para usar o Docker Engine.', {
      hint: 'O usuário do hub precisa poder abrir o socket de DOCKER_HOST.',
      cause: thrown,
    });
  }
  const how = statusCode === undefined ? 'não respondeu' : `recusou (${statusCode})`;
  return new HubError('fonte_indisponivel', `O Docker Engine ${how} ao ${doing}.`, {
    hint:
      statusCode === undefined ? 'Confira se ele está em execução e DOCKER_HOST.' : 'Os logs do servidor dizem mais.',
    cause: thrown,
  });
}

/** For what is to be gone, or to have ended, and already is. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (![304, 404, 409].includes(statusOf(thrown) ?? 0)) throw thrown;
  }
}
