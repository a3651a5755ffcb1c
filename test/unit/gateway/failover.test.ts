import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  MalformedAnswerError,
  NotAskedError,
  UpstreamAnswerError,
  UpstreamBusyError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../../../src/gateway/links/link-errors.ts';
import { askInOrder } from '../../../src/gateway/routing/failover.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a server does with a call that may take so long; one that hangs fails when its time is over. */
type Server = (timeoutMs: number) => Promise<string>;
const after = (ms: number, settle: () => string): Promise<string> =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  }).then(settle);
const hangs: Server = (ms) =>
  after(ms, () => {
    throw new UpstreamTimeoutError('late', { sent: true });
  });
const failing =
  (error: Error, afterMs = 0): Server =>
  () =>
    after(afterMs, () => {
      throw error;
    });
const answers: Server = () => after(0, () => '{}');
const gone = new UpstreamGoneError('gone', { sent: true });
const unsent = new UpstreamGoneError('gone', { sent: false });

async function ask(servers: readonly (readonly [ownMs: number, Server])[], effect: 'read' | 'write' = 'read') {
  const times: number[] = [];
  const beganAt = performance.now();
  const asked = askInOrder({
    candidates: servers.map(([own, serve], place) => ({
      server: 'abcd'.charAt(place),
      priority: 1,
      effect,
      state: 'connected' as const,
      resting: false,
      own,
      serve,
    })),
    effect,
    subject: 'a ferramenta "x"',
    isResult: () => true,
    timeoutOf: ({ own }) => own,
    ask: ({ serve }, timeoutMs) => {
      times.push(timeoutMs);
      return serve(timeoutMs);
    },
  }).then(
    ({ servedBy }) => ({ servedBy, message: '' }),
    (error: Error) => ({ servedBy: undefined, message: error.message }),
  );
  await vi.runAllTimersAsync();
  return { ...(await asked), times, tookMs: Math.round(performance.now() - beganAt) };
}

describe('the time of a call', () => {
  it.each([
    [1, [30_000], 30_000],
    [2, [30_000, 15_000], 45_000],
    [3, [30_000, 7_500, 7_500], 45_000],
    [4, [30_000, 5_000, 5_000, 5_000], 45_000],
  ])('is, of %i servers that hang, at most half as long again as that of one', async (count, times, tookMs) => {
    const servers = Array.from({ length: count }, () => [30_000, hangs] as const);
    expect(await ask(servers)).toMatchObject({ times, tookMs });
  });

  it('leaves some for a server that answers, behind two that hang', async () => {
    expect(
      await ask([
        [30_000, hangs],
        [30_000, hangs],
        [30_000, answers],
      ]),
    ).toMatchObject({ servedBy: 'c' });
  });

  it('is not spent by servers that fail at once: the next has its own in full', async () => {
    const { times } = await ask([
      [30_000, failing(gone)],
      [30_000, failing(gone)],
      [30_000, hangs],
    ]);
    expect(times).toEqual([30_000, 30_000, 30_000]);
  });

  it('goes by the slowest: what one of them may take, a slower one after it still has', async () => {
    expect(
      (
        await ask([
          [1_000, hangs],
          [60_000, hangs],
        ])
      ).times,
    ).toEqual([1_000, 60_000]);
  });

  it('stands still while somebody is asked a question', async () => {
    const { times } = await ask([
      [30_000, failing(gone, 300_000)],
      [30_000, answers],
    ]);
    expect(times).toEqual([30_000, 15_000]);
  });

  it('is left whole to a write, which is not asked of another once it left', async () => {
    const { times } = await ask(
      [
        [30_000, failing(unsent)],
        [30_000, hangs],
        [30_000, answers],
      ],
      'write',
    );
    expect(times).toEqual([30_000, 30_000]);
  });
});

describe('a call that nobody served', () => {
  it.each([
    ['não respondeu em 0,5 s', hangs],
    ['a conexão falhou', failing(gone)],
    ['não pôde ser chamado agora', failing(new NotAskedError('The breaker is open.'))],
    ['está ocupado', failing(new UpstreamBusyError(undefined))],
    ['recusou a credencial do gateway', failing(new UpstreamAnswerError(1, 'secret words', { status: 401 }))],
    ['respondeu com um erro', failing(new UpstreamAnswerError(-32603, 'secret words'))],
    ['respondeu fora do protocolo', failing(new MalformedAnswerError())],
  ])('says of each server why: %s', async (why, serve) => {
    const { message } = await ask([
      [500, serve],
      [500, failing(gone)],
    ]);
    expect(message).toBe(`Nenhum servidor pôde atender a ferramenta "x" (a: ${why}; b: a conexão falhou).`);
  });
});
