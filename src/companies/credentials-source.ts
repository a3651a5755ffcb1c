import { ConfigurationError } from '../errors.ts';
import { FileSource } from '../files/file-source.ts';
import type { OpenFile } from '../files/read-regular-file.ts';
import type { Variables } from '../files/variables.ts';
import type { CredentialSet } from './credential-set.ts';
import { parseCredentials } from './credentials-file.ts';

export interface CredentialsSourceOptions {
  readonly path: string;
  /** Values for `${VAR}`; the configuration hands over the environment. */
  readonly variables: Variables;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly open?: OpenFile;
}

/** The credentials file and the last good set read from it. */
export class CredentialsSource extends FileSource<CredentialSet> {
  constructor({ path, variables, now, open }: CredentialsSourceOptions) {
    super({
      path,
      now,
      open,
      parse: (bytes, file) => parseCredentials(bytes, { file, variables }),
      complain: badFile,
    });
  }
}

/** The failure to show to the operator: one line a problem, no values. */
export function badFile(problems: readonly string[]): ConfigurationError {
  const count = problems.length === 1 ? 'um problema' : `${problems.length} problemas`;
  return new ConfigurationError(`O arquivo de credenciais tem ${count}: ${problems[0] ?? ''}`, problems, {
    hint: 'Corrija o arquivo e tente de novo; `omie-mcp-hub validate` mostra todos os problemas.',
  });
}
