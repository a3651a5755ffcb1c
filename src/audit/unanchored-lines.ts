import { rotatedFiles } from './audit-files.ts';
import type { Head } from './audit-head.ts';
import type { ChainEnd } from './audit-line.ts';
import { type ChainLink, readLinks } from './chain-links.ts';
import { ChainWalk } from './chain-walk.ts';

/**
 * What is wrong with a log that reaches further than its anchor, undefined when nothing is: the anchored line must still be
 * the one it was, and those behind it must hang on it. Without this, whoever can write the file could rewrite all of it, add
 * one line, and have the next anchor sign that.
 */
export async function unanchoredProblem(path: string, anchor: Head, end: ChainEnd): Promise<string | undefined> {
  const start = await filesFrom(path, anchor.seq);
  if (start === undefined) return `a linha ${anchor.seq}, que a âncora guarda, não está em nenhum arquivo`;
  const { files, first } = start;
  // Of older files, which may have been archived, only the last hash is known.
  const followsAnchor = first.seq === anchor.seq + 1;
  const walk = new ChainWalk({ anchor, after: followsAnchor ? anchor.hash : first.prev });
  for (const file of files) {
    for await (const links of readLinks(file)) {
      for (const link of links) {
        const problem = walk.step(link);
        if (problem !== undefined) return problem;
        // Behind this stands nothing but what a crash left of a line.
        if (link.hash === end.hash) return walk.finish() ?? anchorProblem(walk, anchor, followsAnchor);
      }
    }
  }
  return walk.finish() ?? `o log não chega à linha ${end.seq}`;
}

function anchorProblem(walk: ChainWalk, anchor: Head, followsAnchor: boolean): string | undefined {
  if (followsAnchor || walk.hashAtAnchor === anchor.hash) return undefined;
  return `a linha ${anchor.seq} não é a que a âncora guarda`;
}

/** The newest file that holds the line of this number, or begins right behind it, and the files after it. */
async function filesFrom(path: string, seq: number): Promise<{ files: string[]; first: ChainLink } | undefined> {
  const all = [...(await rotatedFiles(path)).map((file) => file.path), path];
  for (let at = all.length - 1; at >= 0; at -= 1) {
    const first = await firstLink(all[at] ?? path);
    if (first !== undefined && first.seq <= seq + 1) return { files: all.slice(at), first };
  }
  return undefined;
}

async function firstLink(file: string): Promise<ChainLink | undefined> {
  for await (const links of readLinks(file)) {
    const [first] = links;
    if (first !== undefined) return first;
  }
  return undefined;
}
