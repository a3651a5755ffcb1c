/**
 * A requirements file, read down to packages with one exact version each. What pip gets is written anew from what was read
 * here, never the file itself: pip also begins lines elsewhere, obeys a `coding:` in a comment and fills in variables, so that
 * of the same bytes it may read options that nobody judged.
 */
import { HubError } from '../problem.ts';

/** Python begins a new line at these too (str.splitlines); editors and diffs do not. */
const SEPARATORS: ReadonlySet<string> = new Set('\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029');

const NAME = '[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?';
/** PEP 440, with the spellings that it normalizes. */
const VERSION = [
  'v?(?:[0-9]+!)?[0-9]+(?:\\.[0-9]+)*',
  '(?:[._-]?(?:alpha|beta|preview|pre|rc|a|b|c)[._-]?[0-9]*)?',
  '(?:-[0-9]+|[._-]?(?:post|rev|r)[._-]?[0-9]*)?',
  '(?:[._-]?dev[._-]?[0-9]*)?',
  '(?:\\+[a-z0-9]+(?:[._-][a-z0-9]+)*)?',
].join('');
/** Of a line whose blanks are single spaces. */
const PINNED = new RegExp(`^(${NAME})(?: ?\\[ ?(${NAME}(?: ?, ?${NAME})*) ?\\])? ?== ?(${VERSION}) ?(?:;(.*))?$`, 'i');
const HASH = /^--hash=sha256:[0-9a-f]{64}$/;
/** pip takes a requirement that ends like one for the file of that name, where there is one. */
const ARCHIVE = /\.(?:zip|whl|tar|tbz|tgz|tlz|txz|gz|bz2|xz|lz|lzma)$/i;

/** A marker (PEP 508), by kinds of its tokens; strings of plain characters, with no blank or `$` that pip makes anything of. */
const TOKEN =
  /(?<bracket>[()])|(?<relation>~=|===?|!=|<=?|>=?|not in\b|in\b)|(?<and>(?:and|or)\b)|(?<value>(?:python_version|python_full_version|os_name|sys_platform|platform_(?:machine|python_implementation|release|system|version)|implementation_(?:name|version)|extra)\b|"[A-Za-z0-9._+*,-]*"|'[A-Za-z0-9._+*,-]*')|(?<other>[^ ])/g;
/** Whether each bracket has its other half is for pip to say. */
const MARKER = /^\(*vrv\)*(?:a\(*vrv\)*)*$/;

/**
 * @returns one package a line, in printable ASCII and without comments, each line with its end; empty when it names none
 * @throws HubError (`pedido_recusado`) for anything else: options that name another index, addresses, paths and open versions
 *   would bring in code that nobody looked at
 */
export function pinnedList(text: string): string {
  return logicalLines(text)
    .map(([line, number]) => `${pinned(line) ?? refuse(number, 'não é um pacote com versão exata (nome==versão)')}\n`)
    .join('');
}

/** Those that say something, without comments, with their numbers; one that ends with `\` goes on in the next. */
function logicalLines(text: string): [string, number][] {
  const found: [string, number][] = [];
  let begun: [string, number] | undefined;
  for (const [index, ended] of text.split('\n').entries()) {
    const physical = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
    if ([...physical].some((character) => SEPARATORS.has(character))) {
      refuse(index + 1, 'tem um separador de linhas incomum, depois do qual o pip leria outra linha');
    }
    const comment = /(?:^|[ \t])#/.exec(physical);
    const plain = comment === null ? physical : physical.slice(0, comment.index);
    const goesOn = physical.endsWith('\\') && plain.trim() !== '';
    // For pip the next line is of the comment, for whoever reads it a package.
    if (goesOn && comment !== null) refuse(index + 1, 'tem um comentário que termina com \\');
    const [before, number] = begun ?? ['', index + 1];
    const whole = `${before} ${goesOn ? plain.slice(0, -1) : plain}`;
    begun = goesOn ? [whole, number] : undefined;
    if (begun === undefined) found.push([whole, number]);
  }
  if (begun !== undefined) found.push(begun);
  return found
    .map(([line, number]): [string, number] => [line.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/g, ''), number])
    .filter(([line]) => line !== '');
}

/** As pip is to read it; undefined for what is no such package. */
function pinned(line: string): string | undefined {
  const [head = '', ...hashes] = line.split(/ (?=--)/);
  const [, name, extras, version = '', condition] = PINNED.exec(head) ?? [];
  const marker = condition === undefined ? [] : markerOf(condition);
  if (name === undefined || marker === undefined || ARCHIVE.test(version)) return undefined;
  if (!hashes.every((hash) => HASH.test(hash))) return undefined;
  const group = extras === undefined ? '' : `[${extras.replaceAll(' ', '')}]`;
  return [`${name}${group}==${version}`, ...marker, ...hashes].join(' ');
}

function markerOf(condition: string): string[] | undefined {
  const tokens = [...condition.matchAll(TOKEN)];
  const kinds = tokens.map(({ 0: token, groups = {} }) => {
    const [kind = ''] = Object.keys(groups).filter((name) => groups[name] !== undefined);
    return kind === 'bracket' ? token : kind.charAt(0);
  });
  return MARKER.test(kinds.join('')) ? [';', ...tokens.map(([token]) => token)] : undefined;
}

function refuse(line: number, why: string): never {
  throw new HubError('pedido_recusado', `requirements.txt: a linha ${line} ${why}.`, {
    hint: 'Fixe cada pacote: nome==versão.',
  });
}
