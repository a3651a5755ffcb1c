/** Where the Docker Engine listens, as `DOCKER_HOST` says it. */

export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly local: boolean };

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';
const PORT_WITHOUT_TLS = 2375;

/** Undefined for what is not spoken here: `ssh://`, and the port that stands for TLS. */
export function engineAddress(text: string): EngineAddress | undefined {
  const socketPath = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (socketPath !== undefined) return { socketPath };
  if (!/^tcp:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port, pathname, username } = new URL(text);
  if (hostname === '' || username !== '' || pathname.replace('/', '') !== '' || port === '2376') return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORT_WITHOUT_TLS : Number(port),
    local: /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname),
  };
}
