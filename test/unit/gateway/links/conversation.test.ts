import { expect, it } from 'vitest';
import { Conversation } from '../../../../src/gateway/links/conversation.ts';

it('says of each line whether it was a message, and of what is none how many bytes it had', () => {
  const told: unknown[] = [];
  const conversation = new Conversation(
    { send: () => {}, garbage: (bytes) => told.push(bytes), message: () => told.push('message') },
    { clientInfo: { name: 'test', version: '0' }, clientCapabilities: {} },
  );
  const lines = [
    '{"jsonrpc":"2.0","id":7,"result":{"plain":1}}',
    '{"jsonrpc":"2.0","id":7,"result":{"_meta":{}}}',
    '{"jsonrpc":"2.0","method":"notifications/message","params":{}}',
    'ção',
  ];
  for (const line of lines) conversation.receiveLine(Buffer.from(line));
  conversation.oversized(7);
  expect(told).toEqual(['message', 'message', 'message', 5, 'message']);
});
