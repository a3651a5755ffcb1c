import { expect, test } from 'vitest';
import { descriptorForModel } from '../../../../src/hub/orchestration/descriptor-for-model.ts';
import { ExactNumber } from '../../../../src/protocol/exact-number.ts';

const scrub = (text: string): string => text.replaceAll('segredo', '[redacted]');
const tool = (description: string, more = {}) => ({ name: 'a', description, inputSchema: { type: 'object' }, ...more });

test('a model is told what a tool says of itself, without secrets and with numbers that it can read', () => {
  const plain = tool('Faz.');
  expect(descriptorForModel(plain, scrub)).toBe(plain);
  const most = new ExactNumber('9007199254740993');
  const said = tool('Usa o segredo.', { title: 7, icons: [], inputSchema: { type: 'object', most } });
  expect(descriptorForModel(said, scrub)).toEqual({
    name: 'a',
    title: undefined,
    description: 'Usa o [redacted].',
    inputSchema: { type: 'object', most: '9007199254740993' },
    icons: [],
  });
});
