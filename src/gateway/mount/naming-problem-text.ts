import { shorten } from '../../shorten.ts';
import type { NamingProblem } from '../naming/names.ts';
import { cleanText } from '../trust/clean-text.ts';

/** Portuguese, for operators. The name is the upstream's text. */
export function namingProblemText(problem: NamingProblem): string {
  const name = JSON.stringify(shorten(cleanText(problem.name), 80));
  switch (problem.kind) {
    case 'reserved':
      return `${problem.server}: ${name} é um nome do próprio gateway e não foi montado`;
    case 'repeated':
      return `${problem.server}: ${name} é oferecido mais de uma vez; vale o primeiro`;
    case 'collision':
      return `${problem.server}: ${name} não foi montado, pois ${problem.mounted} já é de ${problem.keeps.server}`;
  }
}
