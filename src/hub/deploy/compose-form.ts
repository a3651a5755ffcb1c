/** A repository as its Compose file says to run it: another form of it, for the runner that has containers. */
import { posix } from 'node:path';
import type { Refused } from '../repositories/compose-file.ts';
import { type ComposeBuild, composeServer } from '../repositories/compose-server.ts';
import type { Resolved } from './asked.ts';
import type { Source } from './source.ts';

export interface ComposeFound {
  /** Its name. */
  readonly file: string;
  readonly source: Extract<Source, { kind: 'repository' }>;
  /** What is known of the repository already. */
  readonly why: readonly string[];
  /** The folder has a program of its own: an image that is not built of it is another one, say its database. */
  readonly hasProgram: boolean;
  /** What lies in a folder at the commit; nothing where there is none. */
  readonly list: (folder: string) => Promise<readonly Listed[]>;
}

export interface Listed {
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** @param text undefined: more than is read */
export async function composeForm(text: string | undefined, found: ComposeFound): Promise<Resolved | Refused> {
  const { file, source, why, hasProgram, list } = found;
  const not = `o repositório não tem um Dockerfile, e o ${file} não serve`;
  if (text === undefined) return { refused: `${not}: é grande demais.` };
  const server = composeServer(text, file, source.folder);
  if ('refused' in server) return { refused: `${not}: ${server.refused}.` };
  const { name, from, wanted, warnings, args, port } = server;
  if ('build' in from && !(await isThere(from.build, list))) {
    return { refused: `${not}: o serviço ${name} ${builtOf(from.build)}, que não está no commit.` };
  }
  const does = 'image' in from ? `é a imagem ${from.image}` : builtOf(from.build);
  return {
    source: 'image' in from ? { kind: 'image', image: from.image } : { ...source, build: from.build },
    why: [...why, `Tem ${file}, cujo serviço ${name} ${does}; do que mais ele pede, nada é dado.`],
    wanted,
    warnings: [
      ...('image' in from
        ? [`O que roda é a imagem ${from.image}, que o ${file} nomeia, e não o código deste repositório.`]
        : []),
      ...warnings,
    ],
    ...('image' in from && hasProgram ? { onlyAsked: notItsCode(from.image) } : {}),
    ...(args === undefined ? {} : { args }),
    ...(port === undefined ? {} : { port }),
  };
}

/** As the build will look for it: a file itself, and no link. */
async function isThere({ context, dockerfile }: ComposeBuild, list: ComposeFound['list']): Promise<boolean> {
  const { dir, base } = posix.parse(posix.join(context, dockerfile));
  return (await list(dir)).some(({ name, type }) => name === base && type === 'file');
}

const notItsCode = (image: string): string =>
  `o serviço é uma imagem pronta, não o código deste repositório: ${image} só roda com method: docker.`;

const builtOf = ({ context, dockerfile }: ComposeBuild): string =>
  `se constrói com ${dockerfile} ${context === '' ? 'na raiz do repositório' : `na pasta ${context}`}`;
