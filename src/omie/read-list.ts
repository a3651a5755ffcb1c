import { InternalError } from '../errors.ts';

/**
 * The names that may leave the house. Omie has no read-only keys: a pair of keys that reads can also pay bills, so this
 * list is what makes the server read-only. Each name here changes nothing at Omie.
 */
export const readList: ReadonlySet<string> = new Set([
  'ListarMovimentos',
  'ListarContasPagar',
  'ConsultarContaPagar',
  'ListarContasReceber',
  'ConsultarContaReceber',
  'PesquisarLancamentos',
  'ListarCategorias',
  'ListarClientes',
  'ListarClientesResumido',
  'ConsultarCliente',
  'ListarEmpresas',
  'ListarContasCorrentes',
  'ListarResumoContasCorrentes',
  'ListarExtrato',
  'ListarLancCC',
  'ListarDepartamentos',
  'ListarProjetos',
]);

/** Throws when the name is not on the list: a defect of ours, since users never name calls. */
export function assertRead(name: string): void {
  if (!readList.has(name))
    throw new InternalError(new Error(`The call ${JSON.stringify(name)} is not on the read list.`));
}
