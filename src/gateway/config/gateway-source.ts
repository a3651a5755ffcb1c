import { basename, dirname } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { FileSource, type LoadOutcome } from '../../files/file-source.ts';
import type { Variables } from '../../files/variables.ts';
import { watchFile } from '../../files/watch-file.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseGateway } from './read-gateway-file.ts';

export type GatewayFileEvent =
  | { readonly kind: 'loaded'; readonly servers: number; readonly warnings: readonly string[] }
  | { readonly kind: 'rejected'; readonly problems: readonly string[] };

export interface GatewaySourceOptions {
  readonly path: string;
  readonly variables: Variables;
  /** Told once per distinct matter; lines are Portuguese and hold no values. */
  readonly report?: ((event: GatewayFileEvent) => void) | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** The last good gateway configuration, followed as its file changes; a bad file keeps the running one. */
export class GatewaySource {
  readonly #options: GatewaySourceOptions;
  readonly #source: FileSource<GatewayConfig>;
  readonly #stopWatching: () => void;
  readonly #listeners = new Set<(config: GatewayConfig) => void>();
  #config: GatewayConfig;

  /** @throws ConfigurationError with every problem when the file is bad. */
  constructor(options: GatewaySourceOptions) {
    this.#options = options;
    this.#source = openGatewayFile(options);
    const first = this.#source.load();
    if (first.kind === 'rejected') throw badGatewayFile(first.problems);
    this.#config = first.content;
    this.#report(first);
    const { path } = options;
    this.#stopWatching = watchFile({
      path,
      seen: () => this.#source.fingerprint,
      onChange: () => this.#take(this.#source.load()),
    });
  }

  get config(): GatewayConfig {
    return this.#config;
  }

  /** Why the file on disk is not the one in force; undefined when it is. Never a value. */
  get problem(): string | undefined {
    return this.#source.status().reason;
  }

  /** Called with every new configuration after the first; returns the end of it. */
  onChange(listener: (config: GatewayConfig) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stopWatching();
    this.#listeners.clear();
  }

  #take(outcome: LoadOutcome<GatewayConfig>): void {
    this.#report(outcome);
    if (outcome.kind !== 'loaded') return;
    this.#config = outcome.content;
    for (const listener of this.#listeners) listener(outcome.content);
  }

  #report(outcome: LoadOutcome<GatewayConfig>): void {
    if (outcome.kind === 'loaded') {
      const { content, warnings } = outcome;
      this.#options.report?.({ kind: 'loaded', servers: content.servers.length, warnings });
    } else if (outcome.kind === 'rejected' && !outcome.repeated) {
      this.#options.report?.({ kind: 'rejected', problems: outcome.problems });
    }
  }
}

/** The file alone, to be loaded once or again and again. */
export function openGatewayFile(options: Omit<GatewaySourceOptions, 'report'>): FileSource<GatewayConfig> {
  const { path, variables, now } = options;
  return new FileSource({
    path,
    parse: (bytes) => parseGateway(bytes, { file: basename(path), baseDir: dirname(path), variables }),
    complain: badGatewayFile,
    now,
  });
}

function badGatewayFile(problems: readonly string[]): ConfigurationError {
  const count = problems.length === 1 ? 'um problema' : `${problems.length} problemas`;
  return new ConfigurationError(`O arquivo do gateway tem ${count}:\n- ${problems.join('\n- ')}`, problems, {
    hint: 'Corrija o arquivo; `omie-mcp-hub validate --gateway ARQUIVO` mostra todos os problemas.',
  });
}
