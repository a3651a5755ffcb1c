import { z } from 'zod';

/** Arguments that several tools share: named once, described once. */
export const companyId = z
  .string({ error: 'informe a empresa: id, nome exato ou CNPJ' })
  .trim()
  .min(1, 'informe a empresa: id, nome exato ou CNPJ')
  .max(200, 'texto longo demais para identificar uma empresa')
  .describe('Empresa: id (como em listar_empresas), nome exato ou CNPJ. Ex.: "minha_empresa".');
