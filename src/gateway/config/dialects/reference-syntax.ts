import type { Dialect } from './dialect.ts';

/** Texts of another client with its references to variables as ours: `${env:A}`, `${input:a-b}` and, of Gemini, `$A`. */
export function fromDialect(text: string, dialect: Dialect): string {
  const ours = text
    .replace(/\$\{env:([A-Za-z_]\w*)((?::-[^}]*)?)\}/g, '${$1$2}')
    .replace(/\$\{input:([\w.-]+)\}/g, (_all, id: string) => `\${INPUT_${id.toUpperCase().replace(/\W/g, '_')}}`);
  return dialect === 'gemini-cli' ? ours.replace(/\$([A-Za-z_]\w*)/g, '${$1}') : ours;
}

export function toDialect(text: string, dialect: Dialect): string {
  if (dialect !== 'cursor' && dialect !== 'vscode') return text;
  return text.replace(/\$\{([A-Za-z_]\w*)((?::-[^}]*)?)\}/g, '${env:$1$2}');
}
