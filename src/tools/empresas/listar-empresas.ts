import { z } from 'zod';
import { defineTool } from '../define-tool.ts';

export const companyShape = z.object({
  id: z.string().describe('Identificador para company_id.'),
  nome: z.string(),
  cnpj: z.string(),
  ambiente: z.enum(['producao', 'sandbox']),
  grupos: z.array(z.string()),
});

export const listarEmpresas = defineTool({
  name: 'listar_empresas',
  title: 'Listar empresas',
  effect: 'read',
  description:
    'Lista as empresas do Omie que você pode consultar: id, nome, CNPJ, ambiente e grupos. ' +
    'Use primeiro, para saber qual company_id passar às outras ferramentas ou para percorrer todas as empresas. ' +
    'Não use para procurar clientes ou fornecedores: aqui só aparecem as empresas configuradas neste servidor. ' +
    'Exemplo: {} devolve {"empresas":[{"id":"minha_empresa","nome":"Minha Empresa LTDA",…}],"total":1}.',
  input: z.strictObject({}),
  output: z.object({ empresas: z.array(companyShape), total: z.number().int() }),
  async run(_args, { services, context }) {
    const empresas = services.directory
      .list(context.principal)
      .map(({ id, nome, cnpj, ambiente, grupos }) => ({ id, nome, cnpj, ambiente, grupos: [...grupos] }));
    return { empresas, total: empresas.length };
  },
});
