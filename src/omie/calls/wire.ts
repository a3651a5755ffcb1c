/** Field kinds of Omie's JSON. Every field is optional: Omie leaves out what is empty. */
import { z } from 'zod';

/** Finite numbers only: 1e400 and the like fail the row. Numbers that come as text are read as numbers. */
export const wireNumber = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d{1,18}(\.\d{1,10})?$/)
      .transform(Number),
    // An empty text stands for "none" where a number belongs.
    z.literal('').transform(() => undefined),
  ])
  .optional();

/** Codes and ids that are text in one answer and a number in the next. */
export const wireText = z.union([z.string(), z.number().transform(String)]).optional();

/** Omie's booleans are "S" and "N"; some newer fields are real ones. */
export const wireFlag = z.union([z.string(), z.boolean().transform((yes) => (yes ? 'S' : 'N'))]).optional();
