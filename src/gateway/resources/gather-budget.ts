/** How much one gathering may hold in memory: servers may list thousands of resources of megabytes. */
import type { RawResource } from '../upstreams/offer.ts';
import { type Contents, contentsBytes } from './read-contents.ts';

/** Bytes of what is gathered, as it is held: texts in UTF-8, binary in Base64, names and URIs included. */
export interface GatherLimits {
  readonly perServer: number;
  readonly total: number;
}

export const GATHER_LIMITS: GatherLimits = { perServer: 16 * 1_048_576, total: 32 * 1_048_576 };

export class GatherBudget {
  readonly #limits: GatherLimits;
  readonly #closed = new Map<string, string>();
  readonly #ofServer = new Map<string, number>();
  #total = 0;

  constructor(limits: GatherLimits) {
    this.#limits = limits;
  }

  /** Why no more of the server's may be read, in Portuguese; undefined while it may. */
  closed(server: string): string | undefined {
    return this.#closed.get(server);
  }

  /** Takes what was read into account. Returns why it may not be kept; from then on the server is closed. */
  take(server: string, { uri, name, description = '', mimeType = '' }: RawResource, contents: readonly Contents[]) {
    const bytes = Buffer.byteLength(uri + name + description + mimeType) + contentsBytes(contents);
    const ofServer = (this.#ofServer.get(server) ?? 0) + bytes;
    const { perServer, total } = this.#limits;
    if (ofServer > perServer) this.#close(server, `os recursos do servidor passam de ${perServer} bytes`);
    else if (this.#total + bytes > total) this.#close(server, `a coleta passa de ${total} bytes`);
    else {
      this.#ofServer.set(server, ofServer);
      this.#total += bytes;
      return undefined;
    }
    return this.closed(server);
  }

  #close(server: string, reason: string): void {
    if (!this.#closed.has(server)) this.#closed.set(server, reason);
  }
}
