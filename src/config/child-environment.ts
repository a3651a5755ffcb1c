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

/** How the operator's programs reach the outside from here: proxies, certificates, npm's own settings. */
const INSTALLER = /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|(?:https?|no)_proxy|npm_config_.*|PIP_.*)$/i;

/** For programs of the operator's that fetch packages (npm, pip), and never for what they fetch. */
export function installerEnvironment(variables: Variables = process.env): Record<string, string> {
  const environment = childEnvironment(variables);
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && INSTALLER.test(name)) environment[name] = value;
  }
  return environment;
}
