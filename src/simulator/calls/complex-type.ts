/**
 * Request parameters as strict schemas. Omie's server knows each parameter as a named complex type and refuses, by that
 * name, any tag the type does not have; the schemas carry the names so that the fault can say them.
 */
import { z } from 'zod';
import { type Day, parseOmieDate } from '../dates.ts';
import { invalidValue, type OmieFault, required, unknownTag } from '../omie-fault.ts';

export const int = z.int();
export const dec = z.number();
export const str = z.string();
export const bool = z.boolean();

/** "S" or "N"; an empty string is as good as nothing. */
export const flag = z
  .enum(['S', 'N', ''])
  .transform((value): 'S' | 'N' | undefined => (value === '' ? undefined : value));

/** `dd/mm/aaaa` or empty. */
export const date = z.string().transform((text, context): Day | undefined => {
  if (text === '') return undefined;
  const day = parseOmieDate(text);
  if (day === undefined) context.addIssue({ code: 'custom', message: 'invalid date' });
  return day;
});

type Field = z.ZodType;
type Optional<Shape extends Record<string, Field>> = { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> };

/** Every field of an Omie request is optional to the schema: what is obligatory depends on the method and is its own fault. */
export function complexType<Shape extends Record<string, Field>>(
  name: string,
  shape: Shape,
): z.ZodObject<Optional<Shape>, z.core.$strict>;
export function complexType(name: string, shape: Record<string, Field>): z.ZodObject {
  const optional = Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, field.optional()]));
  return z.strictObject(optional, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `${unknownKeyMark}${name}` : undefined),
  });
}

export function parseParameter<Input extends z.ZodType>(
  schema: Input,
  parameter: unknown,
  unknownKeys: 'rejected' | 'ignored',
): z.output<Input> {
  const result = schema.safeParse(parameter);
  if (result.success) return result.data;
  const unknown = result.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length > 0 && unknownKeys === 'ignored') {
    return parseParameter(schema, withoutKeys(parameter, unknown), 'rejected');
  }
  throw faultFor(unknown[0] ?? result.error.issues[0], parameter);
}

const unknownKeyMark = 'complex type ';

function faultFor(issue: z.core.$ZodIssue | undefined, parameter: unknown): OmieFault {
  if (issue === undefined) return invalidValue('');
  if (issue.code === 'unrecognized_keys')
    return unknownTag(issue.keys[0] ?? '', issue.message.slice(unknownKeyMark.length));
  const tag = issue.path.filter((step) => typeof step === 'string').at(-1) ?? '';
  if (issue.code === 'invalid_value')
    return invalidValue(
      tag,
      issue.values.map(String).filter((value) => value !== ''),
    );
  return valueAt(parameter, issue.path) === undefined ? required(tag) : invalidValue(tag);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (isRecord(inner) ? inner[String(step)] : undefined), value);
}

/** A copy without the refused keys. */
function withoutKeys(parameter: unknown, issues: readonly z.core.$ZodIssueUnrecognizedKeys[]): unknown {
  const copy: unknown = structuredClone(parameter);
  for (const issue of issues) {
    const holder = valueAt(copy, issue.path);
    if (isRecord(holder)) for (const key of issue.keys) delete holder[key];
  }
  return copy;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
