import type { z } from 'zod';
import { shorten } from '../../shorten.ts';
import type { FieldProblem } from '../problem.ts';

/** What zod found, field by field and without the values. */
export const fieldProblems = (issues: readonly z.core.$ZodIssue[]): FieldProblem[] =>
  issues.flatMap(({ path, message, ...issue }) => {
    const field = path.join('.');
    if (issue.code !== 'unrecognized_keys') return [{ field, message }];
    // Names a caller made up are cut: they are shown, and may be as long as a body.
    return issue.keys
      .slice(0, 10)
      .map((key) => ({ field: [...path, shorten(key, 80)].join('.'), message: 'campo desconhecido' }));
  });
