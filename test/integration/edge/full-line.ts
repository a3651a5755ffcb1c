import { WaitingLine } from '../../../src/http/waiting-line.ts';

/** The line of a process that has far more to do than it can: there is never room. */
export function fullLine(): WaitingLine {
  const line = new WaitingLine();
  line.isFull = () => true;
  return line;
}
