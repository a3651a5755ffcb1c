/**
 * One line for a POSIX shell that starts exactly this program with exactly these arguments. For what takes nothing but a
 * line (commands in a sandbox, `--stdio` of supergateway); programs on this machine are started without a shell.
 */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** Between single quotes a shell takes every character as it is; a quote itself is written outside of them. */
function quoted(word: string): string {
  // No argument of a program can hold it: the shell would take what stands before it for the whole.
  if (word.includes('\0')) throw new TypeError('an argument cannot hold a null byte');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
