import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fullAccess } from '../../../../src/companies/principal.ts';
import type { HandleKeyring } from '../../../../src/gateway/domains/handles.ts';
import { UpstreamAnswerError } from '../../../../src/gateway/links/link-errors.ts';
import { RoundStates } from '../../../../src/gateway/questions/round-state.ts';
import { type Forward, Rounds } from '../../../../src/gateway/questions/rounds.ts';
import type { ClientWay } from '../../../../src/gateway/upstreams/upstream-registry.ts';
import { ExactNumber, exactJson } from '../../../../src/protocol/exact-number.ts';
import type { JsonText } from '../../../../src/protocol/json-rpc.ts';
import { AskRefusedError } from '../../../../src/tools/ask-refused-error.ts';
import type { CallContext } from '../../../../src/tools/tool-source.ts';
import { callContext } from './open-mount.ts';

const ana = fullAccess('ana');
const ELICITATION = { elicitation: { form: {}, url: {} } };
const ASK_NAME = { method: 'elicitation/create', params: { message: 'Seu nome?', requestedSchema: {} } };
const DONE = { resultText: '{"content":[]}', servedBy: 'a' };

const KEY = new Uint8Array(32).fill(1);

function open(ttlMs = 60_000, keys: HandleKeyring = { current: KEY, accepted: [KEY] }) {
  const clock = { now: 0 };
  const rounds = new Rounds(new RoundStates({ keys, now: () => clock.now, ttlMs }));
  onTestFinished(() => rounds.close());
  return { rounds, clock };
}

const modern = (more: Partial<CallContext> = {}, principal = ana): CallContext => ({
  ...callContext({ principal }),
  rounds: {},
  capabilities: ELICITATION,
  ...more,
});
const next = (state: string, responses: object, more: Partial<CallContext> = {}, principal = ana): CallContext =>
  modern({ rounds: { state, responses: { ...responses } }, ...more }, principal);

/** An upstream of older revisions, which asks once in the middle of the call. */
function asksInTheMiddle(questions = [ASK_NAME]) {
  const seen: { how: ClientWay; answers: unknown[] }[] = [];
  const forward: Forward = async (how) => {
    const call = { how, answers: [] as unknown[] };
    seen.push(call);
    for (const { method, params } of questions) call.answers.push(await how.ask?.(method, params, 'a'));
    return { resultText: JSON.stringify({ content: call.answers }), servedBy: 'a' };
  };
  return { forward, seen };
}
const read = ({ resultText }: { resultText: JsonText }) => JSON.parse(resultText.toString());

describe('a client of 2026-07-28 and a server that asks in the middle of a call', () => {
  it('is asked by a result, and the call goes on with the answer', async () => {
    const { rounds } = open();
    const { forward, seen } = asksInTheMiddle();
    const asked = read(await rounds.run(modern(), ['tools/call', 'x', { a: 1 }], forward));
    expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { 'question-1': ASK_NAME } });
    expect(rounds.waiting).toBe(1);
    const answer = { action: 'accept', content: { name: 'Ana' } };
    const context = next(asked.requestState, { 'question-1': answer, other: 1 });
    expect(read(await rounds.run(context, ['tools/call', 'x', { a: 1 }], forward)).content).toEqual([answer]);
    expect(seen).toHaveLength(1);
    expect(rounds.waiting).toBe(0);
  });

  it('takes no number for an answer', async () => {
    const { rounds } = open();
    const { forward } = asksInTheMiddle();
    const long = new ExactNumber('9007199254740993');
    const first = read(await rounds.run(modern(), [], forward));
    const again = read(await rounds.run(next(first.requestState, { 'question-1': long }), [], forward));
    expect(Object.keys(again.inputRequests)).toEqual(['question-1']);
  });

  it('is asked again for what it left out, and round after round', async () => {
    const { rounds } = open();
    const { forward } = asksInTheMiddle([ASK_NAME, ASK_NAME]);
    const first = read(await rounds.run(modern(), [], forward));
    const again = read(await rounds.run(next(first.requestState, {}), [], forward));
    expect(Object.keys(again.inputRequests)).toEqual(['question-1']);
    const second = read(await rounds.run(next(again.requestState, { 'question-1': { n: 1 } }), [], forward));
    expect(Object.keys(second.inputRequests)).toEqual(['question-2']);
    const done = read(await rounds.run(next(second.requestState, { 'question-2': { n: 2 } }), [], forward));
    expect(done.content).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it.each([
    ['of somebody else', (state: string) => next(state, {}, {}, fullAccess('bia')), ['x']],
    ['of a token made anew under the same id', (state: string) => next(state, {}, {}, fullAccess('ana')), ['x']],
    ['of another call', (state: string) => next(state, {}), ['y']],
    ['that was touched', (state: string) => next(`${state.slice(0, -2)}AA`, {}), ['x']],
    ['that is written in another way', (state: string) => next(`${state}=`, {}), ['x']],
    ['that is none', () => next('x', {}), ['x']],
  ] as const)('a state %s is worth nothing', async (_what, contextOf, subject) => {
    const { rounds } = open();
    const { forward, seen } = asksInTheMiddle();
    const { requestState } = read(await rounds.run(modern(), ['x'], forward));
    const refused = Promise.resolve().then(() => rounds.run(contextOf(requestState), subject, forward));
    await expect(refused).rejects.toMatchObject({ rpc: { code: -32602 } });
    expect(seen).toHaveLength(1);
    expect(rounds.waiting).toBe(1);
  });

  it('a state is good once, and for its time', async () => {
    const { rounds, clock } = open();
    const { forward } = asksInTheMiddle();
    const first = read(await rounds.run(modern(), [], forward));
    const second = read(await rounds.run(next(first.requestState, {}), [], forward));
    await expect(rounds.run(next(first.requestState, {}), [], forward)).rejects.toMatchObject({
      rpc: { code: -32602 },
    });
    clock.now = 60_000;
    const late = Promise.resolve().then(() => rounds.run(next(second.requestState, {}), [], forward));
    await expect(late).rejects.toMatchObject({ rpc: { code: -32602 } });
  });

  it('a call that nobody comes back to is ended at its server', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { rounds } = open(1_000);
    const { forward, seen } = asksInTheMiddle();
    await rounds.run(modern(), [], forward);
    expect(seen[0]?.how.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(seen[0]?.how.signal.aborted).toBe(true);
    expect(rounds.waiting).toBe(0);
  });

  it('no principal keeps more than sixteen calls waiting', async () => {
    const { rounds } = open();
    const { forward, seen } = asksInTheMiddle();
    for (let n = 0; n < 16; n += 1) await rounds.run(modern(), [n], forward);
    await expect(rounds.run(modern(), ['one more'], forward)).rejects.toMatchObject({ code: 'sobrecarga' });
    expect(seen.at(-1)?.how.signal.aborted).toBe(true);
    await rounds.run(modern({}, fullAccess('bia')), [], forward);
    expect(rounds.waiting).toBe(17);
  });

  it('whoever hangs up during a round ends the call', async () => {
    const { rounds } = open();
    const hungUp = new AbortController();
    let how: ClientWay | undefined;
    const call = rounds.run(modern({ signal: hungUp.signal }), [], (given) => {
      how = given;
      return new Promise((_, reject) => given.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    hungUp.abort();
    await expect(call).rejects.toThrow('aborted');
    expect(how?.signal.aborted).toBe(true);
  });

  it('is not asked what it did not say it can answer', async () => {
    const { rounds } = open();
    const { forward } = asksInTheMiddle([{ method: 'sampling/createMessage', params: ASK_NAME.params }]);
    await expect(rounds.run(modern(), [], forward)).rejects.toMatchObject({ code: -32021 });
  });
});

describe('a server of 2026-07-28', () => {
  const asks = (state?: string) => ({
    resultText: JSON.stringify({ resultType: 'input_required', inputRequests: { n: ASK_NAME }, requestState: state }),
    servedBy: 'a',
  });

  it('asks with the numbers that it wrote, whichever way its client is asked', async () => {
    const { rounds } = open();
    const asked = '{"message":"Qual?","requestedSchema":{"minimum":9007199254740993}}';
    const question = `{"n":{"method":"elicitation/create","params":${asked}}}`;
    const first = `{"resultType":"input_required","inputRequests":${question}}`;
    const forward: Forward = async (_how, server) =>
      server === undefined ? { resultText: first, servedBy: 'a' } : DONE;
    expect((await rounds.run(modern(), [], forward)).resultText).toContain(question);
    const ask = vi.fn(async (_method: string, _params: object) => ({ action: 'decline' }));
    await rounds.run({ ...callContext({ principal: ana }), capabilities: ELICITATION, ask }, [], forward);
    expect(exactJson(ask.mock.calls[0]?.[1])).toBe(asked);
  });

  it('is called again with the answers of a client that is asked in the middle of the call', async () => {
    const { rounds } = open();
    const calls: unknown[] = [];
    const forward: Forward = async ({ modern: parts }, server) => {
      calls.push([parts, server]);
      return calls.length === 1 ? asks('its own') : DONE;
    };
    const ask = vi.fn(async () => ({ action: 'decline' }));
    const context = { ...callContext({ principal: ana }), capabilities: ELICITATION, ask };
    expect(await rounds.run(context, [], forward)).toBe(DONE);
    expect(ask).toHaveBeenCalledWith('elicitation/create', ASK_NAME.params);
    const inputResponses = { n: { action: 'decline' } };
    expect(calls).toEqual([
      [{ capabilities: ELICITATION }, undefined],
      [{ capabilities: ELICITATION, inputResponses, requestState: 'its own' }, 'a'],
    ]);
  });

  it('asks for ever in vain, and a client that cannot answer in clear words', async () => {
    const { rounds } = open();
    const context = { ...callContext({ principal: ana }), capabilities: ELICITATION };
    const ask = async () => ({});
    await expect(rounds.run({ ...context, ask }, [], async () => asks())).rejects.toThrow(/vezes demais/);
    await expect(rounds.run(context, [], async () => asks())).rejects.toThrow(/não declarou/);
    const refusing = { ...context, ask: () => Promise.reject(new AskRefusedError(-1, 'não quero')) };
    await expect(rounds.run(refusing, [], async () => asks())).rejects.toMatchObject({ rpcCode: -1 });
  });

  it('gets its own state back from a client of 2026-07-28, who cannot read it, at the same server', async () => {
    const { rounds } = open();
    const calls: unknown[] = [];
    const forward: Forward = async ({ modern: parts }, server) => {
      calls.push([parts?.requestState, parts?.inputResponses, server]);
      return calls.length === 1 ? asks('its own') : DONE;
    };
    const { requestState, inputRequests } = read(await rounds.run(modern(), [], forward));
    expect(Object.keys(inputRequests)).toEqual(['n']);
    expect(Buffer.from(requestState, 'base64url').toString()).not.toContain('its own');
    expect(await rounds.run(next(requestState, { n: { action: 'accept' } }), [], forward)).toBe(DONE);
    expect(calls[1]).toEqual(['its own', { n: { action: 'accept' } }, 'a']);
    expect(rounds.waiting).toBe(0);
  });
});

describe('pages that must be opened first', () => {
  const page = { mode: 'url', url: 'https://example.com/a', message: 'Entre\u202e', elicitationId: 'e1', secret: 'x' };
  const elicitations = [page, { ...page, url: 'javascript:alert(1)' }, { ...page, url: 'https://bank@evil.example' }];
  const refused: Forward = async () => {
    throw new UpstreamAnswerError(-32042, 'pages first', { data: { elicitations } });
  };

  it('are asked of clients of 2026-07-28, which have no such error', async () => {
    const { rounds } = open();
    const { inputRequests, requestState } = read(await rounds.run(modern(), [], refused));
    const params = { mode: 'url', url: 'https://example.com/a', message: 'Entre' };
    expect(inputRequests).toEqual({ 'page-1': { method: 'elicitation/create', params } });
    expect(await rounds.run(next(requestState, { 'page-1': { action: 'accept' } }), [], async () => DONE)).toBe(DONE);
  });

  it('stay an error for whoever cannot be asked of pages', async () => {
    const { rounds } = open();
    const context = modern({ capabilities: { elicitation: {} } });
    await expect(rounds.run(context, [], refused)).rejects.toMatchObject({ rpcCode: -32021 });
  });
});

describe('a state that a client carries', () => {
  /** A server that keeps nothing: it asks, and is told again what it said. */
  const asksAnew = (said: string) => {
    const told: unknown[] = [];
    const forward: Forward = async ({ modern: parts }) => {
      told.push(parts?.requestState);
      if (parts?.requestState === said) return DONE;
      const resultText = JSON.stringify({
        resultType: 'input_required',
        inputRequests: { name: ASK_NAME },
        requestState: said,
      });
      return { resultText, servedBy: 'a' };
    };
    return { forward, told };
  };

  it('is good at every replica, unless the server waits behind one, and after the keys were agreed on', async () => {
    const own = new Uint8Array(32).fill(2);
    const [here, there, stranger] = [
      open(),
      open(60_000, { current: own, accepted: [own, KEY] }),
      open(60_000, { current: own, accepted: [own] }),
    ];
    const { forward, told } = asksAnew('abc');
    const { requestState } = read(await here.rounds.run(modern(), ['x'], forward));
    expect(await there.rounds.run(next(requestState, { name: {} }), ['x'], forward)).toEqual(DONE);
    expect(told).toEqual([undefined, 'abc']);
    await expect(stranger.rounds.run(next(requestState, {}), ['x'], forward)).rejects.toMatchObject({
      rpc: { code: -32602 },
    });
    const waits = asksInTheMiddle();
    const waiting = read(await here.rounds.run(modern(), ['x'], waits.forward));
    await expect(there.rounds.run(next(waiting.requestState, {}), ['x'], waits.forward)).rejects.toMatchObject({
      rpc: { code: -32602 },
    });
  });

  it.each(['é', '€', '\u0001', '\ud800'])('comes back whole however its server writes it: %j', async (unit) => {
    const { rounds } = open();
    const { forward } = asksAnew(unit.repeat(65_536));
    const { requestState } = read(await rounds.run(modern(), ['x'], forward));
    expect(await rounds.run(next(requestState, { name: {} }), ['x'], forward)).toEqual(DONE);
  });

  it('is not made for arguments too deep to be told from others', async () => {
    const { rounds } = open();
    const { forward, told } = asksAnew('abc');
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    await expect(rounds.run(modern(), ['x', deep], forward)).rejects.toMatchObject({ code: 'parametro_invalido' });
    expect(told).toEqual([]);
  });
});
