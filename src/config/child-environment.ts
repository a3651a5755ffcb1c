import type { Variables } from './load-config.ts';

/** What a program needs to find its files and speak its language. Nothing here steers how another program loads code. */
const SAFE = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  // Windows starts nothing without these.
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
];

/**
 * The part of our own environment that a mounted server's process inherits. Our settings stay here: they hold our keys,
 * and a child's environment can be read by whatever the child runs.
 */
export function childEnvironment(variables: Variables = process.env): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of SAFE) {
    const value = variables[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
