/** What a glob may be made of: the letters of tool names and `*`. */
export const TOOL_GLOB = /^[a-z0-9_.*/-]{1,128}$/i;

/** Whether a name fits a glob, where `*` stands for any run of characters. Linear: no pattern can make it slow. */
export function matchesToolGlob(name: string, glob: string): boolean {
  const [start = '', ...rest] = glob.split('*');
  const end = rest.pop();
  if (end === undefined) return name === glob;
  if (!name.startsWith(start) || name.length < start.length + end.length || !name.endsWith(end)) return false;
  let at = start.length;
  const last = name.length - end.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > last) return false;
    at = found + part.length;
  }
  return true;
}
