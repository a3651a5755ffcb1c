/** The archive of one commit, as GitHub serves it (`GET /repos/{owner}/{repo}/tarball/{ref}`: a redirect to a tar.gz). */
import type { Secret } from '../../logging/secret.ts';
import { readUpTo } from '../../read-up-to.ts';
import type { GitHubClient } from '../discovery/github-client.ts';
import { HubError } from '../problem.ts';
import type { GuardedFetch } from '../safety/guarded-fetch.ts';

export interface ArchiveSourceSettings {
  /** Ends with `/`. */
  readonly baseUrl: string;
  readonly token?: Secret | undefined;
  readonly fetch: GuardedFetch;
  /** Whoever asks GitHub shares what it says of its limits. */
  readonly limits: Pick<GitHubClient, 'checkLimit' | 'limitIn'>;
}

/** @throws HubError; the signal's reason when it is aborted */
export type FetchArchive = (
  repository: { readonly url: string; readonly commit: string },
  signal: AbortSignal,
) => Promise<Buffer>;

/** Packed. It is kept in memory while it is looked at: no file of it is written. */
export const MAX_PACKED_BYTES = 32 * 1_048_576;

const MAX_MESSAGE_BYTES = 65_536;

export function archiveSource({ baseUrl, token, fetch, limits }: ArchiveSourceSettings): FetchArchive {
  return async ({ url, commit }, signal) => {
    limits.checkLimit('core');
    const address = `${baseUrl}repos${new URL(url).pathname}/tarball/${commit}`;
    const headers = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'omie-mcp-hub',
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    };
    try {
      const answer = await fetch(address, { headers, signal });
      const { status, body } = answer;
      if (status !== 200 || body === null) {
        const message = (await readUpTo(body, MAX_MESSAGE_BYTES))?.toString('utf8') ?? '';
        const limited = limits.limitIn('core', { status, message, headers: Object.fromEntries(answer.headers) });
        if (limited !== undefined) throw limited;
        throw new HubError(
          status === 404 ? 'fonte_desconhecida' : 'fonte_indisponivel',
          `O GitHub não entregou o código do repositório (${status}).`,
          { hint: 'Tente de novo em instantes; GITHUB_TOKEN aumenta o limite de pedidos.' },
        );
      }
      const packed = await readUpTo(body, MAX_PACKED_BYTES);
      if (packed !== undefined) return packed;
      throw new HubError('pedido_recusado', 'O código do repositório é grande demais.', {
        hint: `São aceitos até ${MAX_PACKED_BYTES / 1_048_576} MB compactados; publique uma imagem e use image.`,
      });
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof HubError) throw thrown;
      throw new HubError('fonte_indisponivel', 'O código do repositório não pôde ser baixado do GitHub.', {
        hint: 'Confira a rede e repita.',
        cause: thrown,
      });
    }
  };
}
