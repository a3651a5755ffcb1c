import type { ServerRecord } from './server-record.ts';

/**
 * Where records outlive the process. Each call is whole or has not happened; of one that throws nobody knows which.
 *
 * @throws HubError (`disco_indisponivel`, `banco_indisponivel`) where it is the disk or the database that does not take it
 */
export interface ServerStore {
  /** Every record, oldest first. @throws ConfigurationError when what is kept cannot be read */
  load(): Promise<readonly ServerRecord[]>;
  /** Puts the record in the place of the one with its id, or adds it. */
  save(record: ServerRecord): Promise<void>;
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}
