import { type AppError, type Erro, PermissionError } from '../errors.ts';
import type { OwnOutcome } from './tool-source.ts';

/** A failure as every door to tools gives it: without secrets, under the id that stands in the log. */
export function failedOutcome(error: AppError, requestId: string, scrub: (text: string) => string): OwnOutcome {
  const plain = error.toErro();
  const erro: Erro = { ...plain, mensagem: scrub(plain.mensagem), id_requisicao: requestId };
  if (erro.sugestao !== undefined) erro.sugestao = scrub(erro.sugestao);
  return { structured: { erro: { ...erro } }, isError: true, erro, rpc: error.rpc };
}

/** @param name of a tool that exists and is not the caller's to use */
export function toolOutOfReach(name: string): PermissionError {
  return new PermissionError(`Seu acesso não inclui a ferramenta ${name}.`, {
    hint: 'Quem administra o servidor pode incluí-la no seu token.',
  });
}
