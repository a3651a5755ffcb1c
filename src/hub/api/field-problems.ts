import type { z } from 'zod';
import { pt } from 'zod/locales';
import { shorten } from '../../shorten.ts';
import type { FieldProblem } from '../problem.ts';

const { localeError } = pt();

/** What zod found, in Portuguese and without the values. */
export const fieldProblems = {
  /** To be given to `safeParse`: the sentences of checks that bring none of their own. */
  language: { error: localeError },
  of: (issues: readonly z.core.$ZodIssue[]): FieldProblem[] =>
    issues.flatMap(({ path, message, ...issue }) => {
      const field = path.join('.');
      if (issue.code !== 'unrecognized_keys') return [{ field, message }];
      // Names a caller made up are cut: they are shown, and may be as long as a body.
      return issue.keys
        .slice(0, 10)
        .map((key) => ({ field: [...path, shorten(key, 80)].join('.'), message: 'campo desconhecido' }));
    }),
};
