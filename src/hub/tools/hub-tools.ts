import type { DefinedTool } from '../../tools/define-tool.ts';
import type { HubActions } from './define-hub-tool.ts';
import { descobrirServidores } from './descobrir-servidores.ts';
import { implantarServidor } from './implantar-servidor.ts';
import { listarServidores } from './listar-servidores.ts';

/** @param actions asked at each call: the tools are listed before the hub is open */
export function hubTools(actions: () => HubActions): readonly DefinedTool[] {
  return [descobrirServidores(actions), implantarServidor(actions), listarServidores(actions)];
}
