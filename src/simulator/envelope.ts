/** The outer JSON of every request: {call, app_key, app_secret, param: [one object]}. */
import { z } from 'zod';
import { accessRefused, badJson, noParameter, refused, unknownMethod } from './omie-fault.ts';

const envelopeSchema = z.looseObject({
  call: z.unknown().optional(),
  app_key: z.unknown().optional(),
  app_secret: z.unknown().optional(),
  param: z.unknown().optional(),
});

export interface Envelope {
  call: string;
  appKey: string;
  appSecret: string;
  /** As sent; `singleParameter` checks it, after the credentials have been. */
  param: unknown;
}

export function parseEnvelope(body: string): Envelope {
  const envelope = envelopeSchema.safeParse(parseJson(body));
  if (!envelope.success) throw badJson('Invalid JSON Object');
  const { call, app_key: appKey, app_secret: appSecret, param } = envelope.data;
  if (typeof call !== 'string' || call === '') throw unknownMethod('');
  if (typeof appKey !== 'string' || typeof appSecret !== 'string') throw accessRefused('Server-403');
  return { call, appKey, appSecret, param };
}

/** `param` holds exactly one object. An empty object passes here: some methods take it. */
export function singleParameter(param: unknown): Record<string, unknown> {
  if (!Array.isArray(param) || param.length === 0) throw noParameter();
  if (param.length > 1) throw refused('WS_PARAMS deve conter apenas um objeto!', 71);
  const only: unknown = param[0];
  const record = z.record(z.string(), z.unknown()).safeParse(only);
  if (!record.success) throw noParameter();
  return record.data;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badJson('JSON request with SyntaxError');
  }
}

/** The same text for the same query, whatever the order of its keys: the redundancy rule compares these. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
