import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { hubTools } from '../../../src/hub/tools/hub-tools.ts';
import { tools } from '../../../src/tools/catalog.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });

describe('the catalog of tools', () => {
  it('holds the five tools of the contract, each once', () => {
    expect(tools.map((tool) => tool.descriptor.name).sort()).toEqual([
      'consultar_categorias_empresa',
      'consultar_contas_pagar_empresa',
      'consultar_contas_receber_empresa',
      'listar_empresas',
      'reload_credenciais',
    ]);
  });

  it.each(tools.map((tool) => [tool.descriptor.name, tool] as const))(
    '%s says all that a client needs',
    (name, tool) => {
      const { title, description, annotations, inputSchema, outputSchema } = tool.descriptor;
      expect(title.length).toBeGreaterThan(5);
      expect(description).toMatch(/Use /);
      expect(description).toMatch(/Não use|Não consulta/);
      expect(description).toMatch(/Exemplo: \{/);
      expect(description.length).toBeLessThan(1_024);
      expect(annotations).toEqual({
        title,
        readOnlyHint: name !== 'reload_credenciais',
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: name !== 'reload_credenciais',
      });
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(inputSchema).not.toHaveProperty('anyOf');
      expect(outputSchema).toMatchObject({ type: 'object' });
      expect(() => ajv.compile(inputSchema)).not.toThrow();
    },
  );

  it.each(tools.map((tool) => [tool.descriptor.name, tool] as const))(
    '%s lets a failure fit its output schema, and nothing less',
    (_name, tool) => {
      const validate = ajv.compile(tool.descriptor.outputSchema ?? {});
      expect(validate({ erro: { codigo: 'omie_falha', mensagem: 'x', tente_novamente: false } })).toBe(true);
      expect(validate({})).toBe(false);
      expect(validate({ erro: { codigo: 'omie_falha' } })).toBe(false);
    },
  );

  it('describes every argument', () => {
    for (const { descriptor } of tools) {
      const properties = descriptor.inputSchema['properties'];
      for (const [name, schema] of Object.entries(properties ?? {})) {
        expect(schema, `${descriptor.name}.${name}`).toHaveProperty('description');
      }
    }
  });
});

describe('the tools of whoever administers the hub', () => {
  const ofHub = hubTools(() => {
    throw new Error('not called');
  });

  it.each(ofHub.map((tool) => [tool.descriptor.name, tool] as const))(
    '%s says all that a client needs',
    (name, tool) => {
      const { title, description, annotations, inputSchema, outputSchema } = tool.descriptor;
      expect(tool.adminOnly).toBe(true);
      expect(description).toMatch(/Use .*Não use .*Exemplo: \{/);
      expect(description.length).toBeLessThan(1_024);
      const starts = name === 'implantar_servidor';
      expect(annotations).toEqual({
        title,
        readOnlyHint: !starts,
        destructiveHint: starts,
        idempotentHint: !starts,
        openWorldHint: true,
      });
      for (const [argument, schema] of Object.entries(inputSchema['properties'] ?? {})) {
        expect(schema, argument).toHaveProperty('description');
      }
      expect(() => ajv.compile(inputSchema)).not.toThrow();
      const validate = ajv.compile(outputSchema ?? {});
      expect(validate({ erro: { codigo: 'parametro_invalido', mensagem: 'x', tente_novamente: false } })).toBe(true);
      expect(validate({})).toBe(false);
    },
  );
});
