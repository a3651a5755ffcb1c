/**
 * Tools as Gemini takes them. Of JSON Schema it knows `$id $defs $ref $anchor type format title description enum items
 * prefixItems minItems maxItems minimum maximum anyOf oneOf properties additionalProperties required`, `enum` of strings
 * and numbers alone, and nothing but `$…` beside a `$ref` (@google/genai 2.32, `responseJsonSchema`; the same schema
 * language as `parametersJsonSchema`). What else a tool demands is said in words, so that the model keeps to it; the
 * tool itself checks it anyway.
 */
import { z } from 'zod';
import { shorten } from '../../shorten.ts';
import type { ModelTool } from './model.ts';

export interface GeminiFunction {
  readonly name: string;
  readonly description: string;
  readonly parametersJsonSchema: Schema;
}

export interface GeminiFunctions {
  readonly declarations: readonly GeminiFunction[];
  /** A tool's own name, for the one that Gemini was told; itself for a name that it made up. */
  ownName(told: string): string;
  toldName(own: string): string;
}

type Schema = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const MAX_DESCRIPTION = 2_000;
/** Deeper schemas say nothing a model could use. */
const MAX_DEPTH = 12;

export function geminiFunctions(tools: readonly ModelTool[]): GeminiFunctions {
  const told = new Map<string, string>();
  for (const { name } of tools) told.set(name, unique(name, new Set(told.values())));
  const own = new Map([...told].map(([name, alias]) => [alias, name]));
  return {
    declarations: tools.map(({ name, description, inputSchema }) => ({
      name: told.get(name) ?? name,
      description: shorten(description, MAX_DESCRIPTION),
      parametersJsonSchema: { ...forGemini(inputSchema), type: 'object' },
    })),
    ownName: (alias) => own.get(alias) ?? alias,
    toldName: (name) => told.get(name) ?? name,
  };
}

function unique(name: string, taken: ReadonlySet<string>): string {
  const plain = NAME.test(name) ? name : `_${name.replaceAll(/[^A-Za-z0-9_.:-]/g, '_')}`.slice(0, 120);
  let candidate = plain;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${plain}_${number}`;
  return candidate;
}

const KEPT = ['$id', '$anchor', 'format', 'title', 'minItems', 'maxItems', 'minimum', 'maximum', 'required'] as const;
/** Checked by the tool alone: told in the description. */
const TOLD = ['pattern', 'minLength', 'maxLength', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'default'];
const LISTS = ['anyOf', 'oneOf', 'prefixItems'] as const;

const objectSchema = z.record(z.string(), z.unknown());
const asObject = (value: unknown): Schema | undefined => objectSchema.safeParse(value).data;

/** @param schema what a tool says of its arguments: any JSON Schema, draft-07 or 2020-12 */
export function forGemini(schema: unknown, depth = 0): Schema {
  const given = asObject(schema);
  // `true`, and what is no schema at all: anything goes.
  if (given === undefined || depth > MAX_DEPTH) return {};
  const inner = (value: unknown): Schema => forGemini(value, depth + 1);
  const ref = given['$ref'];
  const defs = { ...asObject(given['definitions']), ...asObject(given['$defs']) };
  const kept: Record<string, unknown> = Object.keys(defs).length === 0 ? {} : { $defs: eachOf(defs, inner) };
  if (typeof ref === 'string') return { ...kept, $ref: ref.replace('#/definitions/', '#/$defs/') };
  for (const key of KEPT) if (given[key] !== undefined) kept[key] = given[key];
  const type = typeOf(given['type']);
  if (type !== undefined) kept['type'] = type;
  const choices = choicesOf(given);
  if (choices !== undefined) kept['enum'] = choices;
  const { properties, items, additionalProperties: more } = given;
  if (properties !== undefined) kept['properties'] = eachOf(asObject(properties) ?? {}, inner);
  if (Array.isArray(items)) kept['prefixItems'] = items.map(inner);
  else if (items !== undefined) kept['items'] = inner(items);
  if (more !== undefined) kept['additionalProperties'] = typeof more === 'boolean' ? more : inner(more);
  for (const key of LISTS) {
    const list = given[key];
    if (Array.isArray(list)) kept[key] = list.map(inner);
  }
  const description = describe(given);
  if (description !== '') kept['description'] = description;
  return withAll(kept, given['allOf'], inner);
}

function eachOf(schemas: Schema, inner: (value: unknown) => Schema): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, inner(value)]));
}

/** Every part of an `allOf` holds at once: one schema with all their properties. A reference stands only alone. */
function withAll(schema: Schema, all: unknown, inner: (value: unknown) => Schema): Schema {
  if (!Array.isArray(all)) return schema;
  const parts = all.map(inner);
  const [only] = parts;
  if (parts.length === 1 && only?.['$ref'] !== undefined && schema['properties'] === undefined) {
    return { ...(schema['$defs'] === undefined ? {} : { $defs: schema['$defs'] }), ...only };
  }
  const whole: Record<string, unknown> = { ...schema };
  for (const part of parts.filter(({ $ref }) => $ref === undefined)) {
    const properties = { ...asObject(part['properties']), ...asObject(whole['properties']) };
    const required = [whole['required'], part['required']].flatMap((list) => (Array.isArray(list) ? list : []));
    for (const [key, value] of Object.entries(part)) whole[key] ??= value;
    if (Object.keys(properties).length > 0) whole['properties'] = properties;
    if (required.length > 0) whole['required'] = [...new Set(required)];
  }
  return whole;
}

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

function typeOf(type: unknown): unknown {
  if (Array.isArray(type)) return type.filter((one) => TYPES.has(String(one)));
  return TYPES.has(String(type)) ? type : undefined;
}

function choicesOf({ enum: list, const: only }: Schema): unknown[] | undefined {
  const choices = Array.isArray(list) ? list : only === undefined ? [] : [only];
  const fit = choices.every((one) => typeof one === 'string' || typeof one === 'number');
  return choices.length > 0 && fit ? choices : undefined;
}

function describe(given: Schema): string {
  const { description, enum: list } = given;
  const rules = TOLD.flatMap((key) => (given[key] === undefined ? [] : [`${key}: ${JSON.stringify(given[key])}`]));
  if (list !== undefined && choicesOf(given) === undefined) rules.push(`enum: ${JSON.stringify(list)}`);
  const words = typeof description === 'string' ? description : '';
  return shorten(
    [words, ...(rules.length === 0 ? [] : [`(${rules.join('; ')})`])].filter(Boolean).join(' '),
    MAX_DESCRIPTION,
  );
}
