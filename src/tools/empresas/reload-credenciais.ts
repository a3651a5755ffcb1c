import { z } from 'zod';
import { defineTool } from '../define-tool.ts';

export const reloadCredenciais = defineTool({
  name: 'reload_credenciais',
  title: 'Recarregar credenciais',
  effect: 'local',
  description:
    'Lê de novo o arquivo de credenciais e diz quais empresas ficaram disponíveis e quais estão desativadas, com o motivo. ' +
    'Use depois de incluir ou corrigir uma empresa no arquivo, se ela ainda não aparece em listar_empresas ' +
    '(o arquivo já é recarregado sozinho em até 2 s). Não consulta nem altera nada no Omie. ' +
    'Se o arquivo estiver inválido, o último conjunto bom continua valendo. Exemplo: {}.',
  input: z.strictObject({}),
  output: z.object({
    status: z.literal('sucesso'),
    message: z.string(),
    empresas_disponiveis: z.array(z.string()),
    empresas_desativadas: z.array(z.object({ id: z.string(), motivo: z.string() })),
  }),
  async run(_args, { services, context }) {
    const { disabled } = await services.reloadCredentials(context.principal);
    const available = services.directory.list(context.principal).map(({ id }) => id);
    const empresas_desativadas = disabled
      .filter(({ company }) => context.principal.canSee(company))
      .map(({ company, motivo }) => ({ id: company.id, motivo }));
    return {
      status: 'sucesso' as const,
      message: `Credenciais recarregadas: ${available.length} empresa(s) disponível(is), ${empresas_desativadas.length} desativada(s).`,
      empresas_disponiveis: available,
      empresas_desativadas,
    };
  },
});
