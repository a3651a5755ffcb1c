import { expect, it } from 'vitest';
import { PageTrail } from '../../../src/tools/titulos/page-trail.ts';

it('a page joins the one before it when both were cut from the same list', () => {
  const trail = new PageTrail();
  expect([1, 2, 3].map((page) => trail.isTorn('ana', page, 'a'))).toEqual([false, false, false]);
});

it('after a change all later pages are torn, until the walk begins anew', () => {
  const trail = new PageTrail();
  const torn = (page: number, list: string) => trail.isTorn('ana', page, list);
  expect([torn(1, 'a'), torn(2, 'b'), torn(3, 'b'), torn(3, 'b')]).toEqual([false, true, true, true]);
  expect([torn(1, 'b'), torn(2, 'b'), torn(3, 'b')]).toEqual([false, false, false]);
});

it('walks do not mix, and a page that nobody led to stands alone', () => {
  const trail = new PageTrail();
  trail.isTorn('ana', 1, 'a');
  expect(trail.isTorn('rui', 2, 'b')).toBe(false);
  expect(trail.isTorn('ana', 3, 'b')).toBe(false);
});
