import { DOMAIN, OMIE_DOMAIN } from '../../gateway/naming/domain.ts';
import type { Asked } from '../deploy/asked.ts';
import type { DeployRequest } from '../deploy/deploy-request.ts';
import { type FieldProblem, HubError } from '../problem.ts';
import { argumentProblems, hiddenProblem } from './arguments.ts';
import { variableProblems } from './child-variables.ts';
import { sourceAsked } from './source-grammar.ts';

/**
 * Everything of a request that can be judged before anything is looked up, written or started.
 *
 * @throws HubError (`pedido_recusado`, `endereco_bloqueado`) naming every field
 */
export function checkRequest(request: DeployRequest, isOurs: (text: string) => boolean): Asked {
  const asked = sourceAsked(request);
  const { name = '', domain } = request;
  const hidden = hiddenProblem(name);
  const errors: FieldProblem[] = [
    ...variableProblems(request.env, isOurs),
    ...argumentProblems(request.args, isOurs),
    ...(hidden === undefined ? [] : [{ field: 'name', message: hidden }]),
  ];
  if (domain !== undefined && (!DOMAIN.test(domain) || domain === OMIE_DOMAIN)) {
    const message = 'deve ter de 1 a 16 letras minúsculas, números e "-", começando por letra, e não ser omie';
    errors.push({ field: 'domain', message });
  }
  if (errors.length === 0) return asked;
  throw new HubError('pedido_recusado', 'O pedido tem partes que não são aceitas; nada foi iniciado.', {
    errors,
    hint: 'Retire ou corrija os campos em errors.',
  });
}
