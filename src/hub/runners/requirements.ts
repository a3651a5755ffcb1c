/** One pinned package a line (PEP 508, a part of it), perhaps with a marker, hashes and a comment. */
const PINNED =
  /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._, -]*\])?\s*==\s*[A-Za-z0-9][A-Za-z0-9.!+_-]*(?:\s*;[^\\#]*)?(?:\s+--hash=sha256:[0-9a-f]{64})*\s*(?:\s#.*)?$/;

/**
 * What keeps a requirements file from being installed: options that name another index, addresses, paths and open versions
 * would bring in code that nobody looked at. Portuguese; undefined when there is nothing.
 */
export function requirementProblem(text: string): string | undefined {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const plain = line.trim();
    if (plain === '' || plain.startsWith('#') || PINNED.test(plain)) continue;
    return `a linha ${index + 1} não é um pacote com versão exata (nome==versão)`;
  }
  return undefined;
}
