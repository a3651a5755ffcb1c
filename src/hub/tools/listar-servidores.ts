import { z } from 'zod';
import type { DefinedTool } from '../../tools/define-tool.ts';
import { chatListView, serverListShape, statusSchema } from '../servers/server-record.ts';
import { defineHubTool, type HubActions } from './define-hub-tool.ts';

export const listarServidores = (actions: () => HubActions): DefinedTool =>
  defineHubTool({
    name: 'listar_servidores',
    title: 'Listar servidores implantados',
    effect: 'read',
    description:
      'Lista os servidores que o hub implantou: estado, domínio, ferramentas, origem e o motivo de uma falha. ' +
      'Use depois de implantar_servidor, até o estado ser deployed ou failed. ' +
      'Não use para os servidores do arquivo do gateway (list_domains). Valores de variáveis nunca são mostrados. ' +
      'Exemplo: {"status":"deployed"} devolve {"servers":[{"id":"hub-…","domain":"memory","tools":["read_graph"],…}],"total":1}.',
    input: z.strictObject({ status: statusSchema.optional().describe('Só os que estão neste estado.') }),
    output: z.object(serverListShape),
    async run({ status }) {
      return chatListView(actions().servers.all(status));
    },
  });
