import type { CallToolResult } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../src/tools/tool-source.ts';

/** A red pixel and a silent sound, the smallest there are. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
export const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

export const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

export const textResource = (uri: string, value: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType: 'text/plain', text: value },
});

export const imageBlock = { type: 'image' as const, data: PNG, mimeType: 'image/png' };

/** SEP-1034: a default for each primitive type. */
export const DEFAULTS_FORM = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
} as const;

const titled = [
  { const: 'value1', title: 'First Option' },
  { const: 'value2', title: 'Second Option' },
  { const: 'value3', title: 'Third Option' },
];

/** SEP-1330: the five ways to offer a choice. */
export const ENUMS_FORM = {
  untitledSingle: { type: 'string' as const, enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string' as const, oneOf: titled },
  legacyEnum: {
    type: 'string' as const,
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: {
    type: 'array' as const,
    items: { type: 'string' as const, enum: ['option1', 'option2', 'option3'] },
  },
  titledMulti: { type: 'array' as const, items: { anyOf: titled } },
};

/** SEP-1613 and SEP-2106: keywords that must reach the client untouched. */
export const SCHEMA_2020_12: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};
