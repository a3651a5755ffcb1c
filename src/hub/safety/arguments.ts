import { cleanText } from '../../gateway/trust/clean-text.ts';
import type { FieldProblem } from '../problem.ts';

const MAX_ARGUMENTS = 50;
const MAX_LENGTH = 4_096;

/**
 * Arguments go to the program as they are, one item each, and never through a shell: what a shell would make of `;` or
 * `$(…)` does not matter. What no argument can hold, and what was meant for the program that runs the server, is refused.
 *
 * @param isOurs whether a text holds a secret of this house.
 */
export function argumentProblems(args: readonly string[], isOurs: (text: string) => boolean): FieldProblem[] {
  if (args.length > MAX_ARGUMENTS) return [{ field: 'args', message: `passa de ${MAX_ARGUMENTS} argumentos` }];
  return args.flatMap((text, index): FieldProblem[] => {
    const message = problemOf(text, isOurs);
    return message === undefined ? [] : [{ field: `args.${index}`, message }];
  });
}

/** What is in a text and does not show: a person who approves a plan must see all of it. Portuguese. */
export function hiddenProblem(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return 'tem um caractere de controle';
  return cleanText(text) === text ? undefined : 'tem um caractere invisível';
}

/** Options of node, npm and docker that run code, open the host or lift a limit: no server has such names for its own. */
const RUNNER_OPTION =
  /^(?:--(?:privileged|volume|mount|device|cap-add|pid|ipc|network|net|userns|security-opt|entrypoint|require|import|loader|experimental-[a-z-]*loader|eval|print|inspect(?:-brk)?|allow-(?:fs-read|fs-write|child-process|worker|addons|wasi)|permission|experimental-permission|env-file|call|shell|script-shell|node-options|userconfig|globalconfig)(?:=.*)?|-v|-e|-c|-r)$/i;

function problemOf(text: string, isOurs: (text: string) => boolean): string | undefined {
  if (text.length > MAX_LENGTH) return `passa de ${MAX_LENGTH} caracteres`;
  const hidden = hiddenProblem(text);
  if (hidden !== undefined) return hidden;
  if (RUNNER_OPTION.test(text)) return 'é uma opção de quem executa o servidor, não do servidor: não é aceita';
  return isOurs(text) ? 'contém um segredo deste servidor' : undefined;
}
