/** Whether a repository's `package.json` and the npm registry say the same of each other. */
import { z } from 'zod';
import { declaredPackage, type NamedPackage } from '../repositories/declared-package.ts';
import { type NpmParts, npmSettings } from '../runners/npm-package.ts';
import { askNpm, readAnswer } from '../runners/npm-question.ts';

/** Either the package, or why it is none; the reason is Portuguese and is shown. */
export interface Published {
  readonly npm: NamedPackage | undefined;
  readonly why: string;
}

/** @param where where the manifest lies: `https://github.com/{owner}/{repository}` and the folder inside it */
export type FindPublished = (
  manifest: string,
  where: { readonly url: string; readonly folder: string },
  signal: AbortSignal,
) => Promise<Published>;

const repositoryText = z.union([z.string(), z.looseObject({ url: z.string(), directory: z.string().optional() })]);
const answerSchema = z.looseObject({ version: z.string(), repository: repositoryText.optional().catch(undefined) });

/**
 * Each side could name the other: a package that claims a known repository as its source, or a repository that carries the
 * name of a known package. Only what both say counts, and only at the very version of the manifest.
 */
export function findPublished(parts: NpmParts): FindPublished {
  const { env, args: registryArgs } = npmSettings(parts);
  return async (text, { url, folder }, signal) => {
    const npm = declaredPackage(text);
    if (npm === undefined) {
      return { npm: undefined, why: 'O package.json não é o de um programa que se publica no npm.' };
    }
    const spec = `${npm.name}@${npm.version}`;
    const args = ['view', '--json', ...registryArgs, '--', spec, 'version', 'repository'];
    const { exitCode, stdout } = await askNpm(args, { cwd: parts.dataDir, env, logger: parts.logger, signal });
    const answer = answerSchema.safeParse(readAnswer(stdout)).data;
    if (exitCode !== 0 || answer?.version !== npm.version) {
      return { npm: undefined, why: `O npm não disse ter ${spec}, que o package.json declara.` };
    }
    if (!isSame(answer.repository, url, folder)) {
      return { npm: undefined, why: `O npm tem ${spec}, mas não diz que vem deste repositório: não é usado.` };
    }
    return { npm, why: `O npm tem ${spec} e diz, como o package.json, que vem deste repositório.` };
  };
}

function isSame(stated: z.output<typeof repositoryText> | undefined, url: string, folder: string): boolean {
  if (stated === undefined) return false;
  const text = typeof stated === 'string' ? stated : stated.url;
  const directory = typeof stated === 'string' ? '' : (stated.directory ?? '');
  const path =
    /^(?:github:|(?:git\+)?(?:https?|git|ssh):\/\/(?:git@)?github\.com\/|git@github\.com:)?([^/:@]+\/[^/:@]+?)(?:\.git)?\/?$/.exec(
      text,
    )?.[1];
  return (
    path?.toLowerCase() === new URL(url).pathname.slice(1).toLowerCase() &&
    directory.replace(/^\.?\/|\/$/g, '') === folder
  );
}
