/** What an operator should know of a Dockerfile before it is built. Told from its text; nothing is decided by it but the builder. */

export interface DockerfileFacts {
  /** Images it starts from, as written; stages of its own left out. */
  readonly bases: readonly string[];
  /** It uses what only BuildKit knows. */
  readonly needsBuildKit: boolean;
}

const INSTRUCTION = /^\s*([A-Za-z]+)\s+(.*)$/;

export function dockerfileFacts(text: string): DockerfileFacts {
  const lines = text.replaceAll(/\\[ \t]*\r?\n/g, ' ').split(/\r?\n/);
  const bases: string[] = [];
  const stages = new Set<string>();
  let needsBuildKit = false;
  for (const line of lines) {
    const [, word = '', rest = ''] = INSTRUCTION.exec(line) ?? [];
    const instruction = word.toUpperCase();
    if (instruction === 'FROM') {
      const words = rest
        .trim()
        .split(/\s+/)
        .filter((one) => !one.startsWith('--'));
      const [base = '', as, stage] = words;
      if (base !== '' && base !== 'scratch' && !stages.has(base.toLowerCase())) bases.push(base);
      if (as?.toUpperCase() === 'AS' && stage !== undefined) stages.add(stage.toLowerCase());
    }
    if (instruction === 'RUN' && /^\s*--(?:mount|network|security)\b/.test(rest)) needsBuildKit = true;
    if (['COPY', 'ADD'].includes(instruction) && /(?:^|\s)--(?:link|chmod|parents|exclude|checksum)\b/.test(rest)) {
      needsBuildKit = true;
    }
    if (['RUN', 'COPY', 'ADD'].includes(instruction) && /<<-?["']?[A-Za-z_]/.test(rest)) needsBuildKit = true;
  }
  return { bases: [...new Set(bases)], needsBuildKit };
}
