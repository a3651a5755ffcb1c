/** geral/dre: the structure of the income statement; no method computes one. Not paged. */
import { freeText, flag as yesNo } from '../wire.ts';
import { complexType, flag } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';

export const dreCalls: readonly SimulatedCall[] = [
  defineCall({
    service: 'geral/dre',
    name: 'ListarCadastroDRE',
    input: complexType('dreCadastroListRequest', { apenasContasAtivas: flag }),
    run: (request, { company }) => {
      const lines = company.dre.filter((line) => request.apenasContasAtivas !== 'S' || !line.hidden);
      return {
        dreLista: lines.map((line) => ({
          codigoDRE: line.code,
          descricaoDRE: freeText(line.description),
          naoExibirDRE: yesNo(line.hidden),
          nivelDRE: line.level,
          sinalDRE: line.sign,
          totalizaDRE: yesNo(line.total),
        })),
        totalRegistros: lines.length,
      };
    },
  }),
];
