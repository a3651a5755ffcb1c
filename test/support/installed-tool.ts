import { spawnSync } from 'node:child_process';

/**
 * Whether a program that some tests need is on this machine. Where it is not, the tests that need it are skipped with
 * a line that says so; in CI, `CI_REQUIRE` names the programs that must not be missing.
 */
export function isInstalled(name: string, aptPackage = name): boolean {
  // Debian keeps servers in /usr/sbin, which is not on every user's PATH.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  if (spawnSync('sh', ['-c', `command -v ${name}`], { env, stdio: 'ignore' }).status === 0) return true;
  return skippedUnlessRequired(name, `${name} is not installed (apt-get install ${aptPackage})`);
}

/** False, and a line that says what is missing. @throws where `CI_REQUIRE` names it */
export function skippedUnlessRequired(name: string, missing: string): false {
  if ((process.env['CI_REQUIRE'] ?? '').split(',').includes(name)) throw new Error(missing);
  console.warn(`skipped: ${missing}`);
  return false;
}
