/** geral/departamentos. ListarDepatartamentos is Omie's own misspelled twin of ListarDepartamentos. */
import type { Department } from '../model.ts';
import { notFoundById } from '../omie-fault.ts';
import { freeText, type WireObject, flag as yesNo } from '../wire.ts';
import { complexType, flag, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList, snakePage } from './paging.ts';
import { changeFilter } from './title-filters.ts';

const service = 'geral/departamentos';

const listCall = (name: string): SimulatedCall =>
  defineCall({
    service,
    name,
    input: complexType('departamento_listar_request', {
      ...snakePage,
      ...changeFilter,
      ordenar_por: str,
      ordem_descrescente: flag,
    }),
    run: (request, { company, quirks }) => {
      const departments = [...company.departments.values()];
      const ordered = request.ordem_descrescente === 'S' ? departments.toReversed() : departments;
      return snakeList('departamentos', ordered, request, quirks, rowOf, 'zero');
    },
  });

export const departmentCalls: readonly SimulatedCall[] = [
  listCall('ListarDepartamentos'),
  listCall('ListarDepatartamentos'),
  defineCall({
    service,
    name: 'ConsultarDepartamento',
    input: complexType('departamento_consultar', { codigo: str }),
    run: (request, { company }) => {
      const department = company.departments.get(request.codigo ?? '');
      if (!department) throw notFoundById('Departamento não cadastrado', request.codigo ?? '');
      return rowOf(department);
    },
  }),
];

const rowOf = (department: Department): WireObject => ({
  // A string, though made of digits.
  codigo: department.code,
  descricao: freeText(department.description),
  estrutura: department.structure,
  inativo: yesNo(!department.active),
  nivel_totalizador: yesNo(department.group),
});
