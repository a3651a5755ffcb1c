import { consultarCategorias } from './categorias/consultar-categorias.ts';
import type { DefinedTool } from './define-tool.ts';
import { listarEmpresas } from './empresas/listar-empresas.ts';
import { reloadCredenciais } from './empresas/reload-credenciais.ts';
import { consultarContasPagar } from './titulos/consultar-contas-pagar.ts';
import { consultarContasReceber } from './titulos/consultar-contas-receber.ts';

/** Every tool this server has, in the order lists show them. */
export const tools: readonly DefinedTool[] = [
  listarEmpresas,
  consultarContasReceber,
  consultarContasPagar,
  consultarCategorias,
  reloadCredenciais,
];
