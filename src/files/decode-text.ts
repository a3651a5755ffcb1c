/** Above this the file is refused before it is read: a credentials file of 10,000 companies takes 3 MB, and no other is as large. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;

/** The text of the file without its BOM, or the reason why it is not text. Never throws, never quotes. */
export function decodeText(bytes: Uint8Array): { text: string } | { problem: string } {
  if (bytes.length > MAX_FILE_BYTES) return { problem: 'o arquivo passa de 50 MB' };
  if (looksUtf16(bytes)) return { problem: 'o arquivo está em UTF-16; salve-o como UTF-8' };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { problem: 'o arquivo não é texto UTF-8 válido (ou foi cortado no meio)' };
  if (text.trim() === '') return { problem: 'o arquivo está vazio' };
  return { text };
}

/** A BOM, or the NUL beside every ASCII character that UTF-16 puts there. */
function looksUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return false;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return (first === 0) !== (second === 0);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    // `TextDecoder` drops exactly one BOM.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
