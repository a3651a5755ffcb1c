import { expect, it } from 'vitest';
import { InstallerDisk } from '../../../../src/hub/runners/installer-disk.ts';

function problemIn(lines: readonly string[]): string | undefined {
  const disk = new InstallerDisk();
  for (const line of lines) disk.hear(line);
  return disk.problem?.message;
}
const BLOCKED = (errno: string): string =>
  `WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor.x at 0x7f>: Failed to establish a new connection: ${errno}')': /simple/um/`;

it.each([
  [['npm error code ENOSPC', 'npm error syscall write'], /cheio/],
  [['npm warn x', 'npm ERR! code EROFS'], /só para leitura/],
  [['OSError: [Errno 28] No space left on device'], /cheio/],
  [["Error: [Errno 13] Permission denied: '/data/servers/x'"], /não deixa/],
  [["PermissionError: [Errno 1] Operation not permitted: '/data/servers/x'"], /não deixa/],
  // The first is why, and a network that is blocked besides makes no room.
  [['[Errno 28] No space left', "[Errno 13] Permission denied: '/x'"], /cheio/],
  [[BLOCKED('[Errno 13] Permission denied'), '[Errno 28] No space left on device'], /cheio/],
])('the disk is heard of in %j', (lines, message) => expect(problemIn(lines)).toMatch(message));

it.each([
  [['npm error code E404']],
  [['npm error code EACCES', 'npm error syscall connect']],
  [['[Errno 2] No such file']],
  [[BLOCKED('[Errno 13] Permission denied'), 'ERROR: No matching distribution found for um==1.0']],
  [[BLOCKED('[Errno 1] Operation not permitted')]],
  [[]],
])('and not in %j', (lines) => expect(problemIn(lines)).toBeUndefined());
