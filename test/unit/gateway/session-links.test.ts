import { expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import type { Link } from '../../../src/gateway/links/link.ts';
import { UpstreamTimeoutError } from '../../../src/gateway/links/link-errors.ts';
import { SessionLinks } from '../../../src/gateway/upstreams/session-links.ts';

/** A link that does nothing but be there until it is ended. */
function idleLink() {
  let end = (_reason: Error | undefined): void => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });
  const link: Link = {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: {},
      stateful: true,
    },
    request: async () => '{}',
    notify: () => {},
    onNotification: () => () => {},
    closed,
    close: async () => end(undefined),
  };
  return { link, end };
}

/** Sessions whose opening waits until the test lets it through. */
function slowSessions() {
  const opened: { readonly link: Link; readonly end: (reason: Error | undefined) => void }[] = [];
  const waiting: (() => void)[] = [];
  const sessions = new SessionLinks({
    open: () =>
      new Promise((resolve) => {
        waiting.push(() => {
          const one = idleLink();
          opened.push(one);
          resolve(one.link);
        });
      }),
  });
  return { sessions, opened, waiting };
}

const patient = () => ({ signal: new AbortController().signal, timeoutMs: 60_000 });
const same = async (link: Link): Promise<Link> => link;

async function openSession() {
  const { sessions, opened, waiting } = slowSessions();
  const first = sessions.with('ana', patient(), same);
  waiting[0]?.();
  const link = await first;
  return { sessions, opened, waiting, link };
}

it('is used at once when it is open', async () => {
  const { sessions, waiting, link } = await openSession();
  const used: Link[] = [];
  // No time at all is left to wait, and who asks does not care for one that is to be opened.
  const again = sessions.with('ana', { ...patient(), timeoutMs: 0 }, async (its) => used.push(its));
  expect(used).toEqual([link]);
  await again;
  expect(waiting).toHaveLength(1);
  await sessions.close();
});

it('is waited for while it is being opened, by each no longer than it may', async () => {
  const { sessions, waiting } = slowSessions();
  const used: string[] = [];
  const leaving = new AbortController();
  const ana = sessions.with('ana', patient(), async () => used.push('ana'));
  const hasty = sessions.with('ana', { ...patient(), timeoutMs: 1 }, async () => used.push('hasty'));
  const gone = sessions.with('ana', { ...patient(), signal: leaving.signal }, async () => used.push('gone'));
  leaving.abort();
  await expect(gone).rejects.toBeInstanceOf(CancelledError);
  await expect(hasty).rejects.toBeInstanceOf(UpstreamTimeoutError);
  expect(used).toEqual([]);
  waiting[0]?.();
  await ana;
  expect(used).toEqual(['ana']);
  expect(waiting).toHaveLength(1);
  await sessions.close();
});

it('is opened anew when it ended, and the one that ended is used no more', async () => {
  const { sessions, opened, waiting, link } = await openSession();
  opened[0]?.end(new Error('The upstream ended the session.'));
  await link.closed;
  const used: Link[] = [];
  const next = sessions.with('ana', patient(), async (its) => used.push(its));
  expect(used).toEqual([]);
  waiting[1]?.();
  await next;
  expect(used).toEqual([opened[1]?.link]);
  expect(used).not.toContain(link);
  await sessions.close();
});

it('belongs to one conversation alone', async () => {
  const { sessions, opened, waiting, link } = await openSession();
  const rui = sessions.with('rui', patient(), same);
  waiting[1]?.();
  expect(await rui).not.toBe(link);
  expect(await sessions.with('ana', patient(), same)).toBe(link);
  sessions.end('ana');
  const anew = sessions.with('ana', patient(), same);
  waiting[2]?.();
  expect(await anew).toBe(opened[2]?.link);
  await sessions.close();
});
