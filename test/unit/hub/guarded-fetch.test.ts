import { Response } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch } from '../../../src/hub/safety/guarded-fetch.ts';
import { startRaw } from '../../support/upstreams.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const guarded = (options: Parameters<typeof createGuardedFetch>[0] = {}): GuardedFetch => {
  const made = createGuardedFetch(options);
  opened.push(made);
  return made;
};
/** Counts who comes. */
async function decoy() {
  const seen: string[] = [];
  const server = await startRaw((req, res) => {
    seen.push(`${req.url} ${req.headers.authorization ?? '-'}`);
    res.end('secret');
  });
  opened.push(server);
  return { ...server, seen };
}

describe('nobody is called at', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://[::ffff:127.0.0.1]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://localhost/',
    'https://metadata.google.internal/',
    'https://10.0.0.1/',
    'https://[fd00::1]/',
    'https://user:pass@github.com/',
    'http://github.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'not a url',
  ])('%s', async (url) => {
    await expect(guarded()(url)).rejects.toMatchObject({ name: 'HubError', code: 'endereco_bloqueado' });
  });
});

it('a name that is public to whoever looks and private to whoever connects is not called', async () => {
  const { seen, origin } = await decoy();
  const port = new URL(origin).port;
  const fetch = guarded({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  await expect(fetch(`https://api.example.com:${port}/`)).rejects.toMatchObject({ code: 'endereco_bloqueado' });
  expect(seen).toEqual([]);
});

it('the configured base may be here; where it sends us may not', async () => {
  const { seen, origin } = await decoy();
  const base = await startRaw((req, res) => {
    if (req.url === '/ok') res.end('good');
    else if (req.url === '/here') res.writeHead(302, { location: '/ok' }).end();
    else if (req.url === '/round') res.writeHead(302, { location: '/round' }).end();
    else res.writeHead(302, { location: `${origin}/steal` }).end();
  });
  opened.push(base);
  const fetch = guarded({ trusted: base.origin });
  const headers = { authorization: 'Bearer canary' };
  expect(await (await fetch(`${base.origin}/here`, { headers })).text()).toBe('good');
  await expect(fetch(`${base.origin}/away`, { headers })).rejects.toMatchObject({ code: 'endereco_bloqueado' });
  await expect(fetch(`${base.origin}/round`)).rejects.toMatchObject({ code: 'fonte_indisponivel' });
  await expect(fetch(`${base.origin}/here`, { method: 'POST', body: 'x' })).rejects.toMatchObject({
    code: 'fonte_indisponivel',
  });
  expect(seen).toEqual([]);
});

describe('where it is sent on', () => {
  const headers = {
    accept: 'text/plain',
    'user-agent': 'hub',
    authorization: 'canary',
    'e2b-traffic-access-token': 'canary',
    'x-of-tomorrow': 'canary',
  };
  /** Public addresses alone are called, and none is called from here: what would be asked is noted. */
  const sentOn = (...locations: string[]) => {
    const heard: { url: string; headers: Record<string, string> }[] = [];
    const network = async (url: unknown, init: { headers?: unknown } = {}): Promise<Response> => {
      heard.push({ url: String(url), headers: Object.fromEntries(Object.entries(init.headers ?? {})) });
      const location = locations.shift();
      return location === undefined
        ? new Response('there')
        : new Response(null, { status: 302, headers: { location } });
    };
    return { heard, fetch: guarded({ network }) };
  };

  it('another origin is told nothing that could be a credential, whatever it is called', async () => {
    const { heard, fetch } = sentOn('/here', 'https://other.example/there', 'https://api.example.com/back');
    expect(await (await fetch('https://api.example.com/', { headers })).text()).toBe('there');
    const plain = { accept: 'text/plain', 'user-agent': 'hub' };
    expect(heard).toEqual([
      { url: 'https://api.example.com/', headers },
      { url: 'https://api.example.com/here', headers },
      { url: 'https://other.example/there', headers: plain },
      { url: 'https://api.example.com/back', headers: plain },
    ]);
  });

  it('who asks for no redirect to be followed is told of it', async () => {
    const { heard, fetch } = sentOn('https://other.example/there');
    const { status } = await fetch('https://api.example.com/', { headers, redirect: 'manual' });
    expect([status, heard.length]).toEqual([302, 1]);
  });
});
