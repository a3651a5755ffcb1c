import { posix } from 'node:path';
import { z } from 'zod';
import { HubError } from '../../problem.ts';
import { engineProblem, statusOf } from './engine-problem.ts';
import { followProgress } from './follow-progress.ts';
import { imageName } from './image-name.ts';
import type { Engine } from './open-engine.ts';

export interface PinnedImage {
  /** `repository@sha256:…` of a registry, or the id (`sha256:…`) of one that is only in this Engine. */
  readonly image: string;
  /** Only in this Engine: nothing is pulled. */
  readonly local: boolean;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const distribution = z.looseObject({ Descriptor: z.looseObject({ digest: z.string().regex(DIGEST) }) });
const inspected = z.looseObject({
  Id: z.string().regex(DIGEST),
  Config: z.looseObject({ Volumes: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/**
 * What a name stands for now, asked of its registry through the Engine (`/distribution/{name}/json`: nothing is pulled).
 * An image that no registry shows may be in the Engine already.
 *
 * @throws HubError (`fonte_desconhecida`, `fonte_indisponivel`)
 */
export async function pinImage(engine: Engine, text: string): Promise<PinnedImage> {
  const { repository } = imageName(text);
  try {
    const found = distribution.parse(await engine.getImage(text).distribution());
    return { image: `${repository}@${found.Descriptor.digest}`, local: false };
  } catch (thrown) {
    const status = statusOf(thrown);
    if (status === undefined && !(thrown instanceof z.ZodError)) throw engineProblem(thrown, 'procurar a imagem');
    const id = await localImage(engine, text);
    if (id !== undefined) return { image: id, local: true };
    if (status !== undefined && [401, 403, 404].includes(status)) {
      throw new HubError('fonte_desconhecida', 'O registro não tem esta imagem, ou não a mostra sem senha.', {
        hint: 'Confira o nome e a tag. Uma imagem privada funciona depois de um docker pull feito na máquina do Engine.',
        cause: thrown,
      });
    }
    throw new HubError('fonte_indisponivel', 'O registro da imagem não respondeu ao Docker Engine.', {
      hint: 'Tente de novo em instantes.',
      cause: thrown,
    });
  }
}

/** The id of an image that the Engine has. */
export async function localImage(engine: Engine, name: string): Promise<string | undefined> {
  return (await inspectImage(engine, name))?.Id;
}

/** Folders that an image of this Engine declares as volumes, as the Engine compares them: cleaned. */
export async function volumesOf(engine: Engine, name: string): Promise<string[]> {
  const paths = Object.keys((await inspectImage(engine, name))?.Config?.Volumes ?? {});
  return paths.map((path) => posix.resolve('/', path)).toSorted();
}

async function inspectImage(engine: Engine, name: string): Promise<z.output<typeof inspected> | undefined> {
  try {
    return inspected.parse(await engine.getImage(name).inspect());
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw engineProblem(thrown, 'procurar a imagem');
  }
}

/** Brings a pinned image into the Engine, if it is not there. @throws HubError; the signal's reason when aborted */
export async function pullImage(
  engine: Engine,
  { image, local }: PinnedImage,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<void> {
  if ((await localImage(engine, image)) !== undefined) return;
  if (local) {
    throw new HubError('fonte_desconhecida', 'A imagem não está mais no Docker Engine.', {
      hint: 'Implante-a de novo.',
    });
  }
  log(`baixando ${image}`);
  const { repository, digest = '' } = imageName(image);
  const failure = await engine
    .createImage({ fromImage: repository, tag: digest, abortSignal: signal })
    .then((stream) => followProgress(stream, log, signal))
    .catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw engineProblem(thrown, 'baixar a imagem');
    });
  if (failure !== undefined || (await localImage(engine, image)) === undefined) {
    if (failure !== undefined) log(failure);
    throw new HubError('fonte_indisponivel', 'A imagem não pôde ser baixada.', {
      hint: 'Os logs do servidor têm o que o Docker Engine disse.',
    });
  }
}
