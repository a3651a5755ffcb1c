import { z } from 'zod';
import type { ToolRef } from '../../companies/principal.ts';
import { type AppError, asAppError, UserInputError } from '../../errors.ts';
import { parseArguments } from '../../tools/define-tool.ts';
import { toJsonSchema } from '../../tools/json-schema.ts';
import type { OwnToolDescriptor } from '../../tools/tool-source.ts';

export const CALL_TOOL = 'call_tool';

const input = z.strictObject({
  name: z.string('deve ser o nome de uma ferramenta').min(1, 'está vazio').describe('Nome, como find_tools o mostra.'),
  arguments: z.record(z.string(), z.unknown(), 'deve ser um objeto').default({}).describe('Os argumentos dela.'),
  domain_handle: z
    .string('deve ser o texto que select_domain devolveu')
    .optional()
    .describe('O domain_handle de select_domain, para limitar a chamada aos domínios selecionados.'),
});

/** Whether the caller may use the tool that is named is asked of that one. */
export const callToolRef: ToolRef = { name: CALL_TOOL, readOnly: true };

const title = 'Chamar ferramenta';

export const callToolDescriptor: OwnToolDescriptor = {
  name: CALL_TOOL,
  title,
  description:
    'Chama pelo nome qualquer ferramenta dos domínios selecionados, também as que a lista do seu cliente não mostra. O resultado é o da própria ferramenta. Use find_tools para achar o nome e os argumentos.',
  inputSchema: toJsonSchema(input, 'input'),
  // What is called may do anything.
  annotations: { title, readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

/** The call inside, or why there is none. */
export function readCallTool(args: unknown): z.output<typeof input> | AppError {
  try {
    const inside = parseArguments(input, args ?? {});
    return inside.name === CALL_TOOL
      ? new UserInputError('call_tool não chama a si mesma: passe o nome da outra ferramenta.')
      : inside;
  } catch (thrown) {
    return asAppError(thrown);
  }
}
