import { describe, expect, it } from 'vitest';
import { onlyHandler } from '../../../../src/gateway/links/server-requests.ts';

const ana = async () => ({ who: 'ana' });
const rui = async () => ({ who: 'rui' });
const running = (method: string, onRequest?: typeof ana) => ({ method, onRequest, holdWhile: () => {} });
const asked = async (...requests: ReturnType<typeof running>[]): Promise<unknown> =>
  (await onlyHandler(requests)?.('elicitation/create', {}))?.['who'];

describe('a question on a shared line', () => {
  it('reaches the one caller there is, however many calls they run', async () => {
    expect(await asked(running('tools/call', ana))).toBe('ana');
    expect(await asked(running('tools/call', ana), running('resources/read', ana))).toBe('ana');
  });

  it('reaches nobody while two callers run', async () => {
    expect(await asked(running('tools/call', ana), running('tools/call', rui))).toBeUndefined();
  });

  it.each(['tools/call', 'prompts/get', 'resources/read', 'completion/complete', 'vendor/anything'])(
    'reaches nobody while %s runs for a caller who cannot be asked',
    async (method) => {
      expect(await asked(running(method), running('tools/call', ana))).toBeUndefined();
      expect(await asked(running('tools/call', ana), running(method))).toBeUndefined();
      expect(await asked(running(method))).toBeUndefined();
    },
  );

  it.each(['ping', 'subscriptions/listen', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
    "is not doubted because of the gateway's own %s",
    async (method) => {
      expect(await asked(running(method), running('tools/call', ana), running(method))).toBe('ana');
    },
  );
});
