import { describe, expect, it } from 'vitest';
import { readCounterparty } from '../../../src/tools/titulos/counterparty-param.ts';

describe('who is meant by contraparte', () => {
  it.each([
    ['4410002211', 'id', '4410002211', false],
    [4410002211, 'id', '4410002211', false],
    ['52998224725', 'cpf', '52998224725', false],
    [52998224725, 'id', '52998224725', true],
    ['529.982.247-25', 'cpf', '52998224725', false],
    ['529.982.247-26', 'cpf', '52998224726', true],
    ['52998224726', 'id', '52998224726', true],
    ['03999990001', 'cpf', '03999990001', true],
    ['11222333000181', 'cnpj', '11222333000181', false],
    [11222333000181, 'cnpj', '11222333000181', false],
    ['11.222.333/0001-81', 'cnpj', '11222333000181', false],
  ])('%j is the %s %s', (given, type, value, suspicious) => {
    expect(readCounterparty(given)).toMatchObject({ type, value, suspicious });
  });

  it.each(['0', '0044', '1234567890123', '1e21', 'Papelaria', '12-34', '', -5, 1.5, 1e21])('%j is nobody', (given) => {
    expect(readCounterparty(given)).toBeUndefined();
  });
});
