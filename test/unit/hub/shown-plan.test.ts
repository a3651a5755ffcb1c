// A plan is read by a person before it runs: what does not show in it is written out, and what runs stays what it was.
import { expect, it } from 'vitest';
import { type Planned, planView } from '../../../src/hub/deploy/plan.ts';
import { PlanDigests } from '../../../src/hub/deploy/plan-digest.ts';
import { visible } from '../../../src/invisible-text.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const request = { method: 'auto' as const, env: {}, args: [] };
const planned = (arg: string): Planned => ({
  source: { kind: 'npm', name: 'um', version: '1.0.0' },
  method: 'npx',
  why: ['diz\u2067 que sim'],
  name: 'um\u200b',
  domain: 'um',
  runner: { commands: [{ command: 'node', args: [arg] }], hosts: [], warnings: ['\u{e0041}veja'], launch: {} },
  env: {},
  args: [],
});

it('every text of it shows what does not show as an escape', () => {
  const hidden = planned('a\u202eb\nc');
  expect(planView(hidden, NOW)).toMatchObject({
    name: 'um\\u{200b}',
    why: ['diz\\u{2067} que sim'],
    commands: [{ command: 'node', args: ['a\\u{202e}b\\u{a}c'] }],
    warnings: ['\\u{e0041}veja'],
  });
  expect(hidden.runner.commands[0]?.args).toEqual(['a\u202eb\nc']);
});

it('no text of it goes on in a line that nobody sees begin', () => {
  expect(visible('a\u2028b')).toBe('a\\u{2028}b');
  expect(planView(planned('a\u2028b\u2029c'), NOW)).toMatchObject({
    commands: [{ command: 'node', args: ['a\\u{2028}b\\u{2029}c'] }],
  });
});

it('one that only looks the same has another digest', () => {
  const digests = new PlanDigests();
  const of = (arg: string): string => digests.of(request, planned(arg), 'a');
  expect(planView(planned('\u202e'), NOW)).toEqual(planView(planned('\\u{202e}'), NOW));
  expect(of('\u202e')).not.toBe(of('\\u{202e}'));
});
