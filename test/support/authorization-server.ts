import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type JWK } from 'oidc-provider';

const scopes = [
  ...['omie:leitura', 'omie:escrita', 'empresas:todas', 'grupo:holding', 'perfil'],
  ...['empresa:empresa_001', 'empresa:empresa_002', 'ferramenta:listar_*', 'ferramenta:consultar_categorias*'],
].join(' ');

export interface AuthorizationServer {
  readonly issuer: string;
  /** An access token by client credentials, for the resource given. */
  token(scope: string, options?: { resource?: string; ttlSeconds?: number; client?: string }): Promise<string>;
  /** Signs with a new key from now on; the old one is withdrawn. */
  rotateKeys(): Promise<void>;
  /** How often its keys were fetched. */
  readonly keyFetches: number;
  /** 503 to everything, or well again. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

/** A real OAuth 2.1 authorization server (oidc-provider) on a free port of loopback. */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  let handle: RequestListener = (_req, res) => res.writeHead(503).end();
  let down = false;
  let keyFetches = 0;
  let ttlSeconds = 3_600;
  const server = createServer((req, res) => {
    if (req.url === '/jwks') keyFetches += 1;
    if (down) res.writeHead(503).end();
    else handle(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const start = async (): Promise<void> => {
    const provider = new Provider(issuer, {
      clients: ['robo', 'outro'].map((client_id) => ({
        client_id,
        client_secret: `palavra-de-${client_id}`,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      jwks: { keys: [await signingKey()] },
      scopes: scopes.split(' '),
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_ctx, resource) => ({
            scope: scopes,
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: ttlSeconds,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    });
    const callback = provider.callback();
    handle = (req, res) => void callback(req, res);
  };
  await start();

  return {
    issuer,
    async token(
      scope,
      { resource = 'https://omie.exemplo.com.br/mcp', ttlSeconds: ttl = 3_600, client = 'robo' } = {},
    ) {
      ttlSeconds = ttl;
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client}:palavra-de-${client}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
      });
      const answer: unknown = await response.json();
      if (typeof answer === 'object' && answer !== null && 'access_token' in answer) return String(answer.access_token);
      throw new Error(`no token: ${JSON.stringify(answer)}`);
    },
    rotateKeys: start,
    get keyFetches() {
      return keyFetches;
    },
    setDown: (value) => {
      down = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

let keys = 0;

async function signingKey(): Promise<JWK> {
  keys += 1;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kty: 'RSA', kid: `chave-${keys}`, use: 'sig', alg: 'RS256' };
}
