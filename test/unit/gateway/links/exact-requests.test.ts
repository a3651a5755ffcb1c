import { describe, expect, it, vi } from 'vitest';
import { requestText } from '../../../../src/gateway/links/outgoing.ts';
import { answerText } from '../../../../src/gateway/links/server-requests.ts';
import { ExactNumber } from '../../../../src/protocol/exact-number.ts';

const face = { clientInfo: { name: 'test', version: '0' }, clientCapabilities: {} };
const exact = { v: new ExactNumber('9007199254740993') };

describe('numbers that no double holds reach a server as they were written', () => {
  it.each(['legacy', 'modern'] as const)('in a request of the %s era, with and without a progress token', (era) => {
    for (const meta of [{}, { _meta: { progressToken: 'p' } }]) {
      const text = requestText(1, 'tools/call', { name: 't', arguments: exact, ...meta }, era, face);
      expect(text).toContain('"arguments":{"v":9007199254740993}');
    }
  });

  it('or it hears that a question of it had more than are kept', async () => {
    const handler = vi.fn(async () => ({}));
    const text = await answerText({ id: 1, method: 'elicitation/create', params: undefined }, handler);
    expect(JSON.parse(text)).toMatchObject({
      id: 1,
      error: { code: -32602, message: expect.stringMatching(/more than 10000 numbers/i) },
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('in the answer to a question', async () => {
    const question = { id: 1, method: 'elicitation/create', params: {} };
    const text = await answerText(question, async () => ({ action: 'accept', content: exact }));
    expect(text).toContain('"content":{"v":9007199254740993}');
  });
});
