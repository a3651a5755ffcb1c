import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { LineFramer } from '../../../gateway/links/line-framer.ts';

const line = z.looseObject({
  /** Of a build. */
  stream: z.string().optional(),
  /** Of a pull: with an id and a progress it is one of many layers. */
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional() }).optional().catch(undefined),
  error: z.string().optional(),
});

const MAX_LINE_BYTES = 1_048_576;

/**
 * Reads what the Engine streams of a pull or a build (one JSON object a line) to its end. The status is 200 before
 * anything has happened: failures are lines too.
 *
 * @returns the Engine's own words when it failed
 * @throws the signal's reason when it is aborted, which ends the work in the Engine as well
 */
export async function followProgress(
  stream: NodeJS.ReadableStream,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  let failure: string | undefined;
  const read = (text: string): void => {
    const { stream: built, status, id, progressDetail, error } = line.safeParse(parse(text)).data ?? {};
    if (error !== undefined) failure ??= error;
    const said = built ?? (progressDetail?.current === undefined ? status : undefined);
    for (const one of (said ?? error ?? '').split('\n')) {
      const plain = one.trim();
      if (plain !== '') log(id === undefined || built !== undefined ? plain : `${id}: ${plain}`);
    }
  };
  const framer = new LineFramer({ line: (bytes) => read(bytes.toString('utf8')), tooLong: () => {} }, MAX_LINE_BYTES);
  stream.on('data', (chunk: Buffer) => framer.push(chunk));
  try {
    await finished(stream, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    failure ??= thrown instanceof Error ? thrown.message : 'the connection ended';
  } finally {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  }
  return failure;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
