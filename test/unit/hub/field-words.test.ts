// What is wrong with a request is said as one says it in Brazil, at the REST routes and in the tools of the chat.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineRoute, none } from '../../../src/hub/api/route.ts';
import { invokeRoute } from '../../../src/hub/api/routes/invoke.ts';
import { deployRequestSchema } from '../../../src/hub/deploy/deploy-request.ts';
import { searchShape } from '../../../src/hub/discovery/discovered-view.ts';
import { orchestrateRequestSchema } from '../../../src/hub/orchestration/orchestrate-request.ts';
import { HubError } from '../../../src/hub/problem.ts';
import { ExactNumber } from '../../../src/protocol/exact-number.ts';
import { parseArguments } from '../../../src/tools/define-tool.ts';

const never = async (): Promise<never> => {
  throw new Error('accepted');
};
const context = { signal: new AbortController().signal, requestId: 'r', about: () => {} };
const taking = (body: z.ZodType) =>
  defineRoute({
    method: 'post',
    path: '/api/x',
    action: 'x',
    summary: '',
    answers: {},
    problems: [],
    params: none,
    query: none,
    body,
    run: never,
  });
const routes = {
  discover: taking(z.strictObject(searchShape)),
  deploy: taking(deployRequestSchema),
  invoke: invokeRoute(never),
  orchestrate: taking(orchestrateRequestSchema),
};

const wrong: [keyof typeof routes, unknown, string[]][] = [
  ['discover', undefined, [': falta; deve ser um objeto JSON']],
  ['discover', [], [': deve ser um objeto JSON']],
  ['discover', {}, ['query: falta; deve ser um texto']],
  ['discover', { query: ' ', limit: 0 }, ['query: não pode estar vazio', 'limit: deve ser no mínimo 1']],
  [
    'discover',
    { query: 'a'.repeat(201), limit: 51 },
    ['query: passa de 200 caracteres', 'limit: deve ser no máximo 50'],
  ],
  ['discover', { query: 'a', limit: 1.5 }, ['limit: deve ser um número inteiro']],
  [
    'discover',
    { query: 'a', limit: new ExactNumber('9007199254740993') },
    ['limit: tem mais dígitos do que um número comporta; se for um código, envie-o como texto, entre aspas'],
  ],
  ['discover', { query: 'a', sources: ['x'] }, ['sources.0: deve ser um destes: "github", "registry"']],
  ['discover', { query: 'a', sources: [] }, ['sources: não pode estar vazio']],
  ['discover', { query: 'a', sources: ['github', 'github', 'github'] }, ['sources: passa de 2 itens']],
  ['discover', { query: 'a', mais: 1 }, ['mais: campo desconhecido']],
  [
    'deploy',
    { package: 1, port: 'x', env: [], args: 'x' },
    [
      'package: deve ser um texto',
      'port: deve ser um número',
      'env: deve ser um objeto JSON',
      'args: deve ser uma lista',
    ],
  ],
  [
    'deploy',
    { env: { A: 1 }, method: 'sudo' },
    ['method: deve ser um destes: "auto", "docker", "npx", "e2b", "local"', 'env.A: deve ser um texto'],
  ],
  ['invoke', { server_id: 'a', tool_name: 't', timeout_seconds: 0 }, ['timeout_seconds: deve ser maior que 0']],
  [
    'orchestrate',
    { prompt: 'a', approve: 'sim', digest: 'x', context: 1 },
    [
      'context: não é de nenhum dos tipos aceitos',
      'approve: deve ser true ou false',
      'digest: deve ser o digest de um plano',
    ],
  ],
];

it.each(wrong)('/api/%s with %j', async (name, body, sentences) => {
  const thrown = await routes[name].handle({ params: {}, query: {}, body }, context).catch((error: unknown) => error);
  const errors = thrown instanceof HubError ? thrown.errors : [];
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(sentences);
});

it('the arguments of a tool are judged in the same words', () => {
  expect(() => parseArguments(deployRequestSchema, { package: 1, name: '', port: 0 })).toThrow(
    'Argumentos inválidos: package: deve ser um texto; name: não pode estar vazio; port: deve ser no mínimo 1.',
  );
});

it('one is not said as many', () => {
  const short = z.object({ letra: z.string().max(1), lista: z.array(z.string()).max(1) });
  expect(() => parseArguments(short, { letra: 'ab', lista: ['a', 'b'] })).toThrow(
    'letra: passa de 1 caractere; lista: passa de 1 item.',
  );
});
