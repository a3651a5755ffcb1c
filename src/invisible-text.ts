/**
 * Characters that take part in a text without showing: bidi overrides, zero-width marks, tags, soft hyphens, variation
 * selectors, lone surrogates. Whatever others wrote is shown to a language model next to instructions, and these are
 * how an instruction is hidden in it.
 */
export const invisible = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
