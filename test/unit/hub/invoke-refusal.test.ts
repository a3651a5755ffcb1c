import { expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createInvokeTool } from '../../../src/hub/servers/invoke-tool.ts';
import { chatListView, type ServerRecord, serverListView } from '../../../src/hub/servers/server-record.ts';
import type { ToolOutcome } from '../../../src/tools/tool-source.ts';

const tool = { name: 's__errs', ownName: 'errs', readOnly: false, descriptor: { name: 's__errs', inputSchema: {} } };
const env = { K: 'segredo-do-servidor-123456', MODO: 'um', CONTA: '8112345678901' };
const invoke = (outcome: ToolOutcome) =>
  createInvokeTool(
    { get: () => ({ status: 'deployed', env }) },
    { toolsOf: () => [tool], stateOf: () => undefined, call: async () => outcome },
    fullAccess('hub-admin'),
  )('hub-s', 'errs', {}, { signal: new AbortController().signal, requestId: 'r', timeoutMs: 10_000 });
const invokeOf = (mensagem: string, sugestao?: string) => {
  const erro = {
    codigo: 'servidor_recusou',
    mensagem,
    tente_novamente: false,
    ...(sugestao && { sugestao }),
  } as const;
  return invoke({ structured: {}, isError: true, erro });
};

it('a refusal repeats no value that its server was given, whatever its name, and says what to do', async () => {
  await expect(invokeOf('O servidor recusou errs: K=segredo-do-servidor-123456, um erro')).rejects.toMatchObject({
    code: 'servidor_recusou',
    message: 'O servidor recusou errs: K=[redacted], um erro',
    hint: expect.stringContaining('/logs'),
  });
  await expect(invokeOf('não', 'Espere.')).rejects.toMatchObject({ hint: 'Espere.' });
});

it('what does not show in the name of a tool is written out where names are shown', async () => {
  const hidden = { ...tool, ownName: 'er\u202ers' };
  const asked = createInvokeTool(
    { get: () => ({ status: 'deployed', env }) },
    {
      toolsOf: () => [hidden],
      stateOf: () => ({ state: 'connected', problem: undefined, tools: [] }),
      call: () => Promise.reject(new Error('not called')),
    },
    fullAccess('hub-admin'),
  )('hub-s', 'outra', {}, { signal: new AbortController().signal, requestId: 'r', timeoutMs: 10_000 });
  await expect(asked).rejects.toMatchObject({ hint: 'As mais parecidas: er\\u{202e}rs.' });
});

it("nor does a result that says it is a failure; one that is none is the server's own, number for number", async () => {
  const forwarded = `{"content":[{"type":"text","text":"K=${env.K}"}],"structuredContent":{"c":${env.CONTA},"n":1.10}}`;
  expect(await invoke({ forwarded, servedBy: 'hub-s', isError: true })).toEqual({
    isError: true,
    resultText: '{"content":[{"type":"text","text":"K=[redacted]"}],"structuredContent":{"c":"[redacted]","n":1.10}}',
  });
  expect(await invoke({ forwarded, servedBy: 'hub-s', isError: false })).toEqual({
    isError: false,
    resultText: forwarded,
  });
});

it('nor does the reason of a failure in a list of servers, for the API and for the chat', () => {
  const record: ServerRecord = {
    id: 'hub-aaaaaaaaaaaa',
    name: 'a',
    source: { kind: 'npm', name: 'a', version: '1.0.0' },
    method: 'npx',
    status: 'failed',
    wanted: 'running',
    domain: 'a',
    tools: [],
    args: [],
    env,
    launch: {},
    error: `não conectou: ${env.K}`,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
  };
  expect(serverListView([record]).servers[0]?.error).toBe('não conectou: [redacted]');
  // REST names a tool as it is asked for; a chat shows what it gets to a person.
  const withTools = { ...record, tools: ['er\u202ers'] };
  expect(serverListView([withTools]).servers[0]?.tools).toEqual(['er\u202ers']);
  expect(chatListView([withTools]).servers[0]?.tools).toEqual(['er\\u{202e}rs']);
});
