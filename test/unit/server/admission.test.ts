import { expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { Admission } from '../../../src/server/admission.ts';

it('one principal gets three quarters of the room, the others still get in, and what is left is free again', () => {
  const admission = new Admission(8);
  const [one, other] = [fullAccess('uma'), fullAccess('outra')];
  for (let i = 0; i < 6; i += 1) expect(admission.enter(one, 0)).toBe(true);
  expect(admission.enter(one, 0)).toBe(false);
  expect([admission.enter(other, 0), admission.enter(other, 0)]).toEqual([true, true]);
  expect(admission.enter(fullAccess('terceira'), 0)).toBe(false);
  admission.leave(one);
  expect(admission.enter(one, 0)).toBe(true);
});
