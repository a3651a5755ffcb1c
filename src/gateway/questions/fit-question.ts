/** What an upstream wants to ask the one behind a client, as far as that client can be asked and in the words of its era. */
import { randomUUID } from 'node:crypto';
import { CAPABILITY_OF } from '../../protocol/asking.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CAPABILITY } from '../../protocol/error-codes.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { ELICIT } from '../../protocol/methods.ts';
import { parseFields } from '../../protocol/parse-fields.ts';
import type { JsonObject } from '../links/link.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import { cleanJson } from '../trust/clean-text.ts';
import type { Question } from './input-required.ts';

/** A conversation for a model may be long; a form or a page is not. */
const MAX_QUESTION_LENGTH = 262_144;

/** Whom it is for. */
export interface Askable {
  readonly capabilities: JsonObject;
  /** 2025-11-25 names every page that is to be opened, 2026-07-28 none. */
  readonly era: 'legacy' | 'modern';
}

/** The part of a client's capabilities that an upstream need know of. */
export function askableCapabilities(capabilities: JsonObject | undefined): JsonObject {
  const names = [...CAPABILITY_OF.values()].filter((name) => isFields(capabilities?.[name]));
  return Object.fromEntries(names.map((name) => [name, capabilities?.[name]]));
}

/**
 * The question without what does not show in it.
 *
 * @throws UpstreamAnswerError, as the upstream should hear it
 */
export function fitQuestion({ method, params }: Question, { capabilities, era }: Askable): Question {
  const capability = CAPABILITY_OF.get(method);
  if (capability === undefined) throw new UpstreamAnswerError(METHOD_NOT_FOUND, 'The client cannot be asked this.');
  const declared = capabilities[capability];
  const ofPage = method === ELICIT && params['mode'] === 'url';
  const able = isFields(declared) && (method !== ELICIT || canElicit(declared, ofPage));
  if (!able) {
    const requiredCapabilities = { [capability]: ofPage ? { url: {} } : {} };
    throw new UpstreamAnswerError(MISSING_CAPABILITY, `The client did not declare ${capability}.`, {
      data: { requiredCapabilities },
    });
  }
  const { _meta, ...rest } = params;
  const text = exactJson(rest);
  if (text.length > MAX_QUESTION_LENGTH) throw new UpstreamAnswerError(INVALID_PARAMS, 'The question is too long.');
  const clean = parseFields(cleanJson(text));
  return { method, params: ofPage ? pageFor(clean, era) : clean };
}

/** `{}` has always meant forms (2025-11-25, "Capabilities" of elicitation). */
function canElicit(declared: JsonObject, ofPage: boolean): boolean {
  if (ofPage) return isFields(declared['url']);
  return isFields(declared['form']) || !isFields(declared['url']);
}

function pageFor({ elicitationId, ...page }: JsonObject, era: Askable['era']): JsonObject {
  if (!isWebPage(page['url'])) throw new UpstreamAnswerError(INVALID_PARAMS, 'A page must be http or https.');
  return era === 'modern' ? page : { ...page, elicitationId: elicitationId ?? randomUUID() };
}

/** Clients open it: nothing but a page of the web, and without a user name that looks like a host. */
export function isWebPage(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}
