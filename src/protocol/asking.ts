import { ELICIT, ROOTS_LIST, SAMPLE } from './methods.ts';

/** What a client must have declared before it may be asked (client features of 2025-11-25 and 2026-07-28). */
export const CAPABILITY_OF: ReadonlyMap<string, string> = new Map([
  [ELICIT, 'elicitation'],
  [SAMPLE, 'sampling'],
  [ROOTS_LIST, 'roots'],
]);

/** The discriminator of a result that asks for something first ("Multi Round-Trip Requests"). */
export const INPUT_REQUIRED = 'input_required';
