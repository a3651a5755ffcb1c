/** `empresa_001.grupos[0]`; keys that are not plain words are quoted, escaped and cut, for they come from the file. */
export function jsonPath(steps: readonly string[]): string {
  let path = '';
  for (const step of steps) {
    if (/^\[\d+\]$/.test(step)) path += step;
    else path += (path === '' ? '' : '.') + (/^[\w.-]{1,64}$/.test(step) ? step : quoted(step));
  }
  return path;
}

/** Also for ids and names inside sentences: control characters come out escaped, long texts cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text);
}
