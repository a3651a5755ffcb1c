import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineRoute, noBody, none } from '../../../src/hub/api/route.ts';
import { deployRequestSchema } from '../../../src/hub/deploy/deploy-request.ts';
import { openApiDocument } from '../../../src/hub/openapi/document.ts';
import { serverViewSchema } from '../../../src/hub/servers/server-record.ts';

const route = defineRoute({
  method: 'post',
  path: '/api/things/{id}',
  action: 'things.make',
  summary: 'Faz',
  params: z.strictObject({ id: z.string().describe('Qual.') }),
  query: z.strictObject({ dry: z.enum(['true', 'false']).default('false'), must: z.string() }),
  body: deployRequestSchema.meta({ id: 'DeployRequest' }),
  answers: { 202: { description: 'Feito.', schema: z.object({ servers: z.array(serverViewSchema) }) } },
  problems: ['sem_executor'],
  run: async () => ({ status: 202 }),
});
const document = z.looseObject({}).parse(openApiDocument([route], '1.0.0'));
const at = (...path: string[]): unknown =>
  path.reduce<unknown>((value, key) => z.record(z.string(), z.unknown()).parse(value)[key], document);

it('what is optional to a caller is optional in the document, and what is shared is named once', () => {
  const operation = ['paths', '/api/things/{id}', 'post'];
  expect(at(...operation, 'parameters')).toEqual([
    { name: 'id', in: 'path', required: true, description: 'Qual.', schema: { type: 'string' } },
    {
      name: 'dry',
      in: 'query',
      required: false,
      schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
    },
    { name: 'must', in: 'query', required: true, schema: { type: 'string' } },
  ]);
  expect(at(...operation, 'requestBody', 'content', 'application/json', 'schema')).toEqual({
    $ref: '#/components/schemas/DeployRequest',
  });
  expect(at('components', 'schemas', 'DeployRequest')).toMatchObject({ additionalProperties: false });
  expect(at('components', 'schemas', 'DeployRequest')).not.toHaveProperty('required');
  expect(JSON.stringify(at(...operation, 'responses', '202'))).toContain('"$ref":"#/components/schemas/Server"');
  expect(at(...operation, 'responses')).toMatchObject({
    400: { description: '`pedido_recusado`, `parametro_invalido`' },
    401: {},
    403: {},
    405: { description: '`pedido_recusado`: outro método; `Allow` diz quais há neste caminho.' },
    413: { description: '`parametro_invalido`: o corpo passa de 4 MB.' },
    415: { description: '`parametro_invalido`: o corpo vem comprimido.' },
    422: { description: '`sem_executor`' },
    429: {},
    500: {},
  });
});

it('a route without a body answers 400 and 405 too, and never 413', () => {
  const bare = defineRoute({
    ...{ method: 'get', path: '/api/things', action: 'things', summary: 'Lista', params: none, query: none },
    ...{ body: noBody, answers: {}, problems: [] },
    run: async () => ({ status: 200 }),
  });
  const responses = z
    .looseObject({ paths: z.object({ '/api/things': z.object({ get: z.object({ responses: z.looseObject({}) }) }) }) })
    .parse(openApiDocument([bare], '1.0.0')).paths['/api/things'].get.responses;
  expect(Object.keys(responses)).toEqual(['400', '401', '403', '405', '429', '500']);
});

it('every reference leads somewhere, and every schema is one', () => {
  const text = JSON.stringify(document);
  for (const [, id = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(at('components', 'schemas', id), id).toBeDefined();
  }
  expect(text).not.toMatch(/\$defs|"\$schema"/);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'doc', ...document });
  for (const id of Object.keys(z.looseObject({}).parse(at('components', 'schemas')))) {
    expect(() => ajv.compile({ $ref: `doc#/components/schemas/${id}` }), id).not.toThrow();
  }
});
