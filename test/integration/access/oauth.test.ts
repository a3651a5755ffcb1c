import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EndWatch } from '../../../src/access/end-watch.ts';
import { OAuthTokens } from '../../../src/access/oauth/oauth-tokens.ts';
import { digestOf } from '../../../src/access/token-digest.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../../support/authorization-server.ts';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { initialize, JSON_HEADERS } from '../transports/raw-http.ts';

const AUDIENCE = 'https://omie.exemplo.com.br/mcp';
const METADATA = 'https://omie.exemplo.com.br/.well-known/oauth-protected-resource/mcp';
const all = 'empresas:todas omie:leitura';

let issuer: AuthorizationServer;
let house: TestHouse;
beforeAll(async () => {
  issuer = await startAuthorizationServer();
  house = await startHouse({ variables: { MCP_OAUTH_ISSUER: issuer.issuer, MCP_OAUTH_AUDIENCE: AUDIENCE } });
});
afterAll(async () => {
  await house.close();
  await issuer.close();
});

const by = (token: string) => ({ authorization: `Bearer ${token}` });
const list = async (token: string) => {
  const { status, body } = await house.post('listar_empresas', {}, by(token));
  return status === 200 ? body.empresas.map(({ id }: { id: string }) => id).sort() : status;
};

describe('access tokens of a real authorization server', () => {
  it.each([
    [all, ['empresa_001', 'empresa_002', 'empresa_003']],
    ['empresa:empresa_002 omie:leitura', ['empresa_002']],
    ['empresa:empresa_002 ferramenta:listar_*', ['empresa_002']],
    ['grupo:holding omie:leitura', ['empresa_001', 'empresa_002', 'empresa_003']],
  ])('scope "%s" sees its companies', async (scope, companies) => {
    const inHolding = companies.filter(
      (id) => scope !== 'grupo:holding omie:leitura' || groupsOf(id).includes('holding'),
    );
    expect(await list(await issuer.token(scope))).toEqual(inHolding);
  });

  it('narrows tools by ferramenta: and hides what writes without omie:escrita', async () => {
    const names = async (scope: string): Promise<string[]> => {
      const response = await fetch(`${house.origin}/tools`, { headers: by(await issuer.token(scope)) });
      const body = (await response.json()) as { tools: { name: string }[] };
      return body.tools.map(({ name }) => name);
    };
    expect(await names('empresas:todas ferramenta:consultar_categorias*')).toEqual(['consultar_categorias_empresa']);
    expect(await names(all)).not.toContain('reload_credenciais');
    expect(await names('empresas:todas omie:escrita')).toContain('reload_credenciais');
    const refused = await house.post(
      'listar_empresas',
      {},
      by(await issuer.token('empresas:todas ferramenta:consultar_categorias*')),
    );
    expect([refused.status, refused.body.erro.codigo]).toEqual([403, 'sem_permissao']);
  });

  it.each(['perfil', 'omie:leitura', 'empresas:todas'])('403 insufficient_scope for "%s"', async (scope) => {
    const { status, headers } = await house.post('listar_empresas', {}, by(await issuer.token(scope)));
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(headers.get('www-authenticate')).toContain(`resource_metadata="${METADATA}"`);
  });

  it('publishes its metadata at both paths, and points there in a 401', async () => {
    for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
      const document = await (await fetch(`${house.origin}${path}`)).json();
      expect(document).toMatchObject({ resource: AUDIENCE, authorization_servers: [issuer.issuer] });
      expect(JSON.stringify(document)).not.toContain('empresa_00');
    }
    const { status, headers } = await fetch(`${house.origin}/mcp`, { method: 'POST' });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe(`Bearer realm="omie-mcp-hub", resource_metadata="${METADATA}"`);
  });

  it('binds a session to subject, client and scopes: a refreshed token goes on, another person does not', async () => {
    const open = await fetch(`${house.origin}/mcp`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...by(await issuer.token(all)) },
      body: JSON.stringify(initialize()),
    });
    const session = { 'mcp-session-id': open.headers.get('mcp-session-id') ?? '' };
    const ping = async (token: string) =>
      (
        await fetch(`${house.origin}/mcp`, {
          method: 'POST',
          headers: { ...JSON_HEADERS, ...by(token), ...session },
          body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        })
      ).status;
    expect(await ping(await issuer.token(all))).toBe(200);
    expect(await ping(await issuer.token(all, { client: 'outro' }))).toBe(404);
    expect(await ping(await issuer.token('empresa:empresa_001 omie:leitura'))).toBe(404);
  });
});

it('names subject and client, so that no program passes for a person nor one long name for another', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = createServer((req, res) => {
    const origin = `http://${req.headers.host}`;
    res.setHeader('content-type', 'application/json');
    if (req.url === '/jwks') exportJWK(publicKey).then((jwk) => res.end(JSON.stringify({ keys: [jwk] })));
    else res.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }));
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
  const ends = new EndWatch();
  const tokens = new OAuthTokens({ issuer: origin, audience: AUDIENCE, ends, now: Date.now });
  const idOf = async (claims: Record<string, string>) => {
    const token = await new SignJWT({ scope: all, ...claims })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(origin)
      .setAudience(AUDIENCE)
      .setExpirationTime('5m')
      .sign(privateKey);
    const identification = await tokens.identify(token, digestOf(token));
    return identification.kind === 'known' ? identification.principal.id : identification.kind;
  };
  const long = 'x'.repeat(255);
  const ids = await Promise.all([
    idOf({ sub: 'ana', client_id: 'painel' }),
    idOf({ client_id: 'ana' }),
    idOf({ sub: 'ana' }),
    idOf({ sub: 'ana via painel' }),
    idOf({ sub: 'ana', azp: 'outro painel' }),
    idOf({ sub: `${long}1`, client_id: 'painel' }),
    idOf({ sub: `${long}2`, client_id: 'painel' }),
  ]);
  expect(ids.slice(0, 5)).toEqual([
    'oauth:ana via painel',
    'oauth:ana via ana',
    'oauth:ana',
    'oauth:ana%20via%20painel',
    'oauth:ana via outro%20painel',
  ]);
  expect(new Set(ids).size).toBe(7);
  expect(await idOf({ sub: `${long}12` })).toBe('unknown');
  ends.close();
  keys.close();
});

describe('what is no token for here', () => {
  const claims = (more: object = {}) => ({
    ...{ iss: issuer.issuer, aud: AUDIENCE, sub: 'robo', scope: all, iat: now(), exp: now() + 600 },
    ...more,
  });
  const now = () => Math.floor(Date.now() / 1_000);
  const publicKey = async () => {
    const { keys } = (await (await fetch(`${issuer.issuer}/jwks`)).json()) as { keys: { kid: string; n: string }[] };
    return keys[0]!;
  };

  it('another audience, another issuer, expired', async () => {
    expect(await list(await issuer.token(all, { resource: 'https://outro.exemplo.com.br/' }))).toBe(401);
    const other = await startAuthorizationServer();
    expect(await list(await other.token(all))).toBe(401);
    await other.close();
    // 5 s of tolerance for the clocks of two machines.
    const short = await issuer.token(all, { ttlSeconds: 1 });
    expect(await list(short)).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    expect(await list(short)).toBe(401);
  });

  it('alg none, HS256 with the public key, a foreign key under the known id, a cut or changed signature', async () => {
    const { kid, n } = await publicKey();
    const unsigned = new UnsecuredJWT(claims()).encode();
    expect(await list(unsigned)).toBe(401);
    const secret = createSecretKey(Buffer.from(n, 'base64url'));
    expect(await list(await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid }).sign(secret))).toBe(401);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await list(await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey))).toBe(
      401,
    );
    const jwk = await exportJWK(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    const header = { alg: 'RS256', kid, jwk: { kty: 'RSA', n: jwk.n!, e: jwk.e! }, jku: 'http://127.0.0.1:1/' };
    expect(await list(await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey))).toBe(401);
    const good = await issuer.token(all);
    expect(await list(good.slice(0, -4))).toBe(401);
    const [head, , signature] = good.split('.');
    const body = Buffer.from(JSON.stringify(claims())).toString('base64url');
    expect(await list([head, body, signature].join('.'))).toBe(401);
    expect(await list('a.b.c')).toBe(401);
  });

  it('is in no log', async () => {
    const good = await issuer.token(all);
    await list(good);
    expect(house.log.join('')).not.toContain(good.split('.')[2]);
  });
});

describe('an issuer that changes or fails', () => {
  let ends: EndWatch | undefined;
  afterEach(() => {
    ends?.close();
    issuer.setDown(false);
  });

  function tokens(): (token: string) => Promise<string> {
    const watch = new EndWatch();
    ends = watch;
    const oauth = new OAuthTokens({
      ...{ issuer: issuer.issuer, audience: AUDIENCE, ends: watch, now: Date.now },
      ...{ cooldownMs: 200, failureMs: 200 },
    });
    return async (token) => (await oauth.identify(token, digestOf(token))).kind;
  }

  it('finds a new key at once after the cooldown, and the old one counts no more', async () => {
    const identify = tokens();
    expect(await identify(await issuer.token(all))).toBe('known');
    const fetches = issuer.keyFetches;
    for (let i = 0; i < 5; i += 1) await identify(await issuer.token(all));
    expect(issuer.keyFetches).toBe(fetches);
    const old = await issuer.token(all);
    await issuer.rotateKeys();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await identify(await issuer.token(all))).toBe('known');
    expect(await identify(old)).toBe('unknown');
  });

  it('answers 503 while it cannot be asked, never 401 and never in, and recovers', async () => {
    const identify = tokens();
    const token = await issuer.token(all);
    issuer.setDown(true);
    expect(await identify(token)).toBe('unavailable');
    // What was never its token needs no asking.
    expect(await identify('a.b.c')).toBe('unknown');
    issuer.setDown(false);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await identify(token)).toBe('known');
  });

  it('says 503 with Retry-After over HTTP', async () => {
    const token = await issuer.token(all);
    issuer.setDown(true);
    const lonely = await startHouse({ variables: { MCP_OAUTH_ISSUER: issuer.issuer, MCP_OAUTH_AUDIENCE: AUDIENCE } });
    const refused = await lonely.post('listar_empresas', {}, by(token));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${lonely.origin}/health`)).status).toBe(200);
    await lonely.close();
  });
});

function groupsOf(id: string): readonly string[] {
  return house.simulator.companies.find((company) => company.id === id)?.grupos ?? [];
}
