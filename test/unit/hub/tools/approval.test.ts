import { expect, it } from 'vitest';
import { InvalidStateError } from '../../../../src/errors.ts';
import { readInputRequired } from '../../../../src/gateway/questions/input-required.ts';
import { Approvals } from '../../../../src/hub/tools/approval.ts';
import { AsksFirst } from '../../../../src/tools/asks-first.ts';

const MINUTE_MS = 60_000;
const plan = {
  dry_run: true as const,
  name: 'um',
  domain: 'um',
  source: 'npm:um@1.0.0',
  method: 'npx' as const,
  why: [],
  commands: [],
  env: [],
  wanted: [],
  missing: [],
  hosts: [],
  warnings: [],
};
const responses = { aprovar: { action: 'accept', content: { iniciar: true } } };

/** A client of 2026-07-28 before approvals whose clock the test moves. */
function client() {
  const clock = { now: 0 };
  const approvals = new Approvals(() => clock.now);
  /** @returns the state under which the answer is to be brought */
  const question = async (digest: string): Promise<string | undefined> => {
    const asked = await approvals.ask({ rounds: {} }, digest, plan).catch((thrown: unknown) => thrown);
    return asked instanceof AsksFirst ? readInputRequired(asked.inputRequired)?.state : undefined;
  };
  const answer = (state: string | undefined, digest: string): Promise<void> =>
    approvals.ask({ rounds: { state, responses } }, digest, plan);
  return { clock, question, answer };
}

it('a yes is good for ten minutes, once, and for its own plan alone', async () => {
  const { clock, question, answer } = client();
  const [inTime, late, other] = [await question('a'), await question('a'), await question('b')];
  await expect(answer(other, 'a')).rejects.toThrow(InvalidStateError);
  clock.now = 10 * MINUTE_MS - 1;
  await answer(inTime, 'a');
  await expect(answer(inTime, 'a')).rejects.toThrow(InvalidStateError);
  clock.now = 10 * MINUTE_MS;
  await expect(answer(late, 'a')).rejects.toThrow(InvalidStateError);
});

it('what the person reads shows what does not show, and leaves nothing of it out', async () => {
  const hidden = {
    ...plan,
    source: 'image:um\u202egpj',
    commands: [{ command: 'npx', args: ['\u{e0041}abc', 'de\u200bf'] }],
    warnings: ['leia \u2066isto'],
  };
  const asked = await new Approvals().ask({ rounds: {} }, 'a', hidden).catch((thrown: unknown) => thrown);
  const text = JSON.stringify(asked instanceof AsksFirst ? asked.inputRequired : asked);
  expect(text).not.toMatch(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
  for (const mark of ['202e', 'e0041', '200b', '2066']) expect(text).toContain(`u{${mark}}`);
});

it('a hundred wait for their answer; one more, and the oldest is forgotten', async () => {
  const { question, answer } = client();
  const states: (string | undefined)[] = [];
  for (let asked = 0; asked < 101; asked += 1) states.push(await question('a'));
  expect(new Set(states).size).toBe(101);
  await expect(answer(states[0], 'a')).rejects.toThrow(InvalidStateError);
  await answer(states[1], 'a');
  await answer(states[100], 'a');
});
