/** geral/empresas: the application's own company, nearly always one row. Past the end it answers page 1 again. */
import { z } from 'zod';
import type { OmieCall } from '../omie-client.ts';
import { wireFlag, wireText } from './wire.ts';

const wireEmpresa = z.object({
  /** Documented as a number, text in some answers: kept as text. */
  codigo_empresa: wireText,
  razao_social: wireText,
  nome_fantasia: wireText,
  cnpj: wireText,
  inativa: wireFlag,
});

export type WireEmpresa = z.output<typeof wireEmpresa>;

export const listarEmpresas: OmieCall<WireEmpresa> = {
  name: 'ListarEmpresas',
  path: 'geral/empresas/',
  dialect: 'snake',
  listKey: 'empresas_cadastro',
  row: wireEmpresa,
  maxPageSize: 100,
  idOf: ({ codigo_empresa }) => codigo_empresa,
};
