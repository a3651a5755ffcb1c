/**
 * Takes lines one by one and gives them on together, at the end of the turn of the event loop in which they came, or
 * when the process exits: a busy server asks the system to write once a turn, not once a call.
 */
export function batchedLines(write: (lines: string) => void): (line: string) => void {
  let waiting = '';
  const flush = (): void => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') write(lines);
  };
  // Also after an uncaught exception; only a kill without notice loses the last turn.
  process.on('exit', flush);
  return (line) => {
    if (waiting === '') setImmediate(flush);
    waiting += line;
  };
}
