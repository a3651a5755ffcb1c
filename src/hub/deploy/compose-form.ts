/** A repository as its Compose file says to run it: another form of it, for the runner that has containers. */
import type { Refused } from '../repositories/compose-file.ts';
import { composeServer } from '../repositories/compose-server.ts';
import type { Resolved } from './asked.ts';
import type { Source } from './source.ts';

export interface ComposeFound {
  /** Its name. */
  readonly file: string;
  readonly source: Extract<Source, { kind: 'repository' }>;
  /** What is known of the repository already. */
  readonly why: readonly string[];
}

/** @param text undefined: more than is read */
export function composeForm(text: string | undefined, { file, source, why }: ComposeFound): Resolved | Refused {
  const not = `o repositório não tem um Dockerfile, e o ${file} não serve`;
  if (text === undefined) return { refused: `${not}: é grande demais.` };
  const server = composeServer(text, file, source.folder);
  if ('refused' in server) return { refused: `${not}: ${server.refused}.` };
  const { name, from, wanted, warnings, args, port } = server;
  const does =
    'image' in from
      ? `é a imagem ${from.image}`
      : `se constrói com ${from.build.dockerfile} ${placeOf(from.build.context)}`;
  return {
    source: 'image' in from ? { kind: 'image', image: from.image } : { ...source, build: from.build },
    why: [...why, `Tem ${file}, cujo serviço ${name} ${does}; do que mais ele pede, nada é dado.`],
    wanted,
    warnings,
    ...(args === undefined ? {} : { args }),
    ...(port === undefined ? {} : { port }),
  };
}

const placeOf = (context: string): string => (context === '' ? 'na raiz do repositório' : `na pasta ${context}`);
