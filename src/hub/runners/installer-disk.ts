/** What npm, python and pip print when it is the disk that stopped them. */
import type { HubError } from '../problem.ts';
import { diskProblem } from '../servers/data-disk.ts';

/** Python writes numbers: errno(3) of Linux. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: 'EPERM',
  13: 'EACCES',
  28: 'ENOSPC',
  30: 'EROFS',
  122: 'EDQUOT',
};
/** A connection may be forbidden by the same names: npm says so in the line after, pip in the same one. */
const NPM_CONNECTS = /^npm (?:error|ERR!) syscall connect/;
const PIP_CONNECTS = /NewConnectionError|establish a new connection/;

/** Hears each line of an installer as it comes, and keeps none. */
export class InstallerDisk {
  #first: HubError | undefined;
  #connects = false;

  hear(line: string): void {
    this.#connects ||= NPM_CONNECTS.test(line);
    if (this.#first !== undefined || PIP_CONNECTS.test(line)) return;
    const [, name, number = ''] = /^npm (?:error|ERR!) code (\w+)|\[Errno (\d+)\]/.exec(line) ?? [];
    this.#first = diskProblem(name ?? NUMBERS[number]);
  }

  /** The first that was heard of, once the installer has failed; undefined when it was something else. */
  get problem(): HubError | undefined {
    return this.#connects ? undefined : this.#first;
  }
}
