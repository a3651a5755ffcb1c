/** geral/projetos */
import type { Project } from '../model.ts';
import { unknownProject } from '../omie-fault.ts';
import { freeText, projectInfoOf, type WireObject, flag as yesNo } from '../wire.ts';
import { complexType, flag, int, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList, snakePage } from './paging.ts';
import { changeFilter, inChangeWindow } from './title-filters.ts';

const service = 'geral/projetos';

export const projectCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarProjetos',
    input: complexType('projListarRequest', {
      ...snakePage,
      ...changeFilter,
      ordenar_por: str,
      ordem_descrescente: flag,
      nome_projeto: str,
    }),
    run: (request, { company, quirks }) => {
      const words = request.nome_projeto?.toLowerCase() ?? '';
      const projects = [...company.projects.values()].filter(
        (project) => inChangeWindow(project, request) && project.name.toLowerCase().includes(words),
      );
      const ordered = request.ordem_descrescente === 'S' ? projects.toReversed() : projects;
      return snakeList('cadastro', ordered, request, quirks, rowOf);
    },
  }),
  defineCall({
    service,
    name: 'ConsultarProjeto',
    input: complexType('projConsultarRequest', { codigo: int, codInt: str }),
    run: (request, { company }) => {
      const project = [...company.projects.values()].find(
        (one) => one.id === request.codigo || (one.integrationCode !== '' && one.integrationCode === request.codInt),
      );
      if (!project) throw unknownProject();
      return rowOf(project);
    },
  }),
];

const rowOf = (project: Project): WireObject => ({
  codInt: project.integrationCode,
  codigo: project.id,
  inativo: yesNo(!project.active),
  info: projectInfoOf(project),
  nome: freeText(project.name),
});
