import { describe, expect, it } from 'vitest';
import { parameterHeaders } from '../../../../src/gateway/links/parameter-headers.ts';

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    plain: { type: 'string' },
    bad: { type: 'string', 'x-mcp-header': 'a\r\nEvil: 1' },
    list: { type: 'array', 'x-mcp-header': 'List' },
    inner: { type: 'object', properties: { id: { type: 'string', 'x-mcp-header': 'Inner-Id' } } },
  },
};

describe('parameterHeaders', () => {
  it('repeats what the schema declares and nothing else', () => {
    const args = {
      region: 'São Paulo',
      dry: false,
      limit: 3,
      plain: 'x',
      bad: 'y',
      list: [1],
      inner: { id: 'z' },
      other: 1,
    };
    expect(parameterHeaders(schema, args)).toEqual({
      'mcp-param-region': 'São Paulo',
      'mcp-param-dry': 'false',
      'mcp-param-limit': '3',
      'mcp-param-inner-id': 'z',
    });
  });

  it('leaves out what is absent, null or not to be written exactly', () => {
    expect(parameterHeaders(schema, { region: null, limit: 2 ** 60 })).toEqual({});
    expect(parameterHeaders(undefined, { region: 'x' })).toEqual({});
    expect(parameterHeaders({ properties: { constructor: { 'x-mcp-header': 'C' } } }, {})).toEqual({});
  });
});
