/**
 * Instead of a result: what the client of 2026-07-28 must bring first ("Multi Round-Trip Requests"). Whoever gives it made
 * sure that the client said it can.
 */
export interface InputRequired {
  /** JSON text of the whole result. */
  readonly inputRequired: string;
}
