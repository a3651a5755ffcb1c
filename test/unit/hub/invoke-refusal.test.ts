import { expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createInvokeTool } from '../../../src/hub/servers/invoke-tool.ts';

const tool = { name: 's__errs', ownName: 'errs', readOnly: false, descriptor: { name: 's__errs', inputSchema: {} } };
const invokeOf = (mensagem: string, sugestao?: string) =>
  createInvokeTool(
    { get: () => ({ status: 'deployed', env: { K: 'segredo-do-servidor-123456', MODO: 'um' } }) },
    {
      toolsOf: () => [tool],
      stateOf: () => undefined,
      call: async () => {
        const erro = {
          codigo: 'servidor_recusou',
          mensagem,
          tente_novamente: false,
          ...(sugestao && { sugestao }),
        } as const;
        return { structured: {}, isError: true, erro };
      },
    },
    fullAccess('hub-admin'),
  )('hub-s', 'errs', {}, { signal: new AbortController().signal, requestId: 'r', timeoutMs: 10_000 });

it('a refusal repeats no value that its server was given, whatever its name, and says what to do', async () => {
  await expect(invokeOf('O servidor recusou errs: K=segredo-do-servidor-123456, um erro')).rejects.toMatchObject({
    code: 'servidor_recusou',
    message: 'O servidor recusou errs: K=[redacted], um erro',
    hint: expect.stringContaining('/logs'),
  });
  await expect(invokeOf('não', 'Espere.')).rejects.toMatchObject({ hint: 'Espere.' });
});
