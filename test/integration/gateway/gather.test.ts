import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import { forgetChanged } from '../../../src/gateway/resources/forget-changed.ts';
import { type GatherProgress, ResourceGatherer } from '../../../src/gateway/resources/gather.ts';
import { GatherError } from '../../../src/gateway/resources/gather-failures.ts';
import type { Contents } from '../../../src/gateway/resources/read-contents.ts';
import { ResourceCache } from '../../../src/gateway/resources/resource-cache.ts';
import { gateway, httpServer, openTestRegistry, stdioServer } from '../../support/gateway-house.ts';
import { everythingPath, freePort, script, silent } from '../../support/upstreams.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Serves what `results` holds, counts how often each was read and how many were read at once. */
const shelf = (id: string, results: Record<string, object | null>, more: object = {}) => {
  const { args } = script(
    `const results = JSON.parse(process.argv[1]); let running = 0, most = 0, reads = 0, lists = 0;
    const resources = () => Object.keys(results).map((uri) => ({ uri, name: uri }));
    hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
      else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{resources:{}},serverInfo:{name:'s',version:'1'}}});
      else if(m.method==='resources/list') { lists += 1; say({id:m.id,result:{resources:resources()}}); }
      else if(m.method==='resources/templates/list') say({id:m.id,error:{code:-32601,message:'no'}});
      else if(m.method==='resources/read') { running += 1; reads += 1; most = Math.max(most, running);
        setTimeout(() => { running -= 1; const found = results[m.params.uri];
          if (m.params.uri === 'x://counts') say({id:m.id,result:{contents:[{uri:'x://counts',text:JSON.stringify({most,reads,lists})}]}});
          else if (found === null) return;
          else if (found.code) say({id:m.id,error:found}); else say({id:m.id,result:found}); }, 10); } });`,
    [JSON.stringify(results)],
  );
  return stdioServer(id, '-e', args.slice(1), { domains: ['sales'], ...more });
};
const text = (uri: string, value: string, more: object = {}) => ({ contents: [{ uri, text: value, ...more }] });

async function gatherer(
  servers: Parameters<typeof gateway>[0],
  { failFast = true, ttlMs = 60_000, maxRetries = 1 }: { failFast?: boolean; ttlMs?: number; maxRetries?: number } = {},
) {
  const registry = await openTestRegistry(gateway(servers, { failFast, maxRetries }));
  open.push(() => registry.close());
  const cache = new ResourceCache<readonly Contents[]>({ ttlMs }, () => 100);
  open.push(async () => forgetChanged(registry, cache)());
  return {
    registry,
    cache,
    gatherer: new ResourceGatherer({ registry, cache, logger: silent, failFast, strictlyFresh: ttlMs === 0 }),
  };
}

describe('gathering resources', () => {
  it('reads everything of all servers, a few at once, with progress, and the second time from the cache', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`x://${n}`, text(`x://${n}`, `<${n}>`)]));
    const servers = [
      shelf('a', { ...many, 'x://counts': {} }),
      stdioServer('every', everythingPath, [], { priority: 20 }),
    ];
    const { gatherer: all, cache } = await gatherer(servers);
    const steps: GatherProgress[] = [];
    const gathered = await all.gatherAll({ onProgress: (step) => steps.push(step) });
    expect(gathered.failures).toEqual([]);
    expect(Object.keys(gathered.servers)).toEqual(['a', 'every']);
    const { a, every } = gathered.servers;
    expect(a).toMatchObject({ priority: 10, domains: ['sales'], capabilities: [] });
    expect(a?.resources['x://7']).toEqual({ name: 'x://7', contents: [{ uri: 'x://7', text: '<7>' }] });
    const counts = JSON.parse(a?.resources['x://counts']?.contents[0]?.text ?? '{}');
    expect(counts.most).toBe(4);
    const everything = Object.keys(every?.resources ?? {}).length;
    expect(everything).toBeGreaterThan(0);
    expect(steps.length).toBe(31 + everything);
    expect(steps.at(-1)).toMatchObject({ done: 31 + everything, total: 31 + everything });
    expect(await all.gatherAll()).toEqual(gathered);
    expect(cache.stats()).toMatchObject({ hits: 31 + everything, misses: 31 + everything, hit_rate: '50.00%' });
    expect(Object.keys((await all.gatherDomains(['sales'])).servers)).toEqual(['a']);
    await expect(all.gatherDomains(['nothing'])).rejects.toMatchObject({ hint: expect.stringContaining('sales') });
  }, 30_000);

  it('asks for lists and contents anew when nothing may be cached', async () => {
    const { gatherer: fresh } = await gatherer([shelf('a', { 'x://counts': {} })], { ttlMs: 0 });
    const counts = async () =>
      JSON.parse((await fresh.gatherAll()).servers['a']!.resources['x://counts']!.contents[0]!.text!);
    expect(await counts()).toMatchObject({ reads: 1, lists: 2 });
    expect(await counts()).toMatchObject({ reads: 2, lists: 3 });
  });

  const bad: [string, object, RegExp][] = [
    ['an error', { code: -32002, message: 'secret words' }, /^o servidor respondeu com o erro -32002$/],
    ['no contents', { content: [] }, /fora do protocolo/],
    ['a type that is none', text('x://1', 'a', { mimeType: 'not a type' }), /tipo MIME/],
    ['binary that is none', { contents: [{ uri: 'x://1', blob: 'a-b=' }] }, /Base64/],
    ['too much', text('x://1', 'x'.repeat(4 * 1_048_576 + 1)), /passa de 4194304 bytes/],
  ];
  it.each(bad)('names the failure of a resource with %s, and gives the rest', async (_what, result, reason) => {
    // As a file: an argument of a program may not be that long.
    const { gatherer: partial } = await gatherer(
      [shelf('a', { 'x://1': result, 'x://2': text('x://2', 'bom') })].map(viaFile),
      { failFast: false },
    );
    const { servers, failures } = await partial.gatherAll();
    expect(failures).toEqual([{ server: 'a', uri: 'x://1', reason: expect.stringMatching(reason) }]);
    expect(Object.keys(servers['a']?.resources ?? {})).toEqual(['x://2']);
  });

  it('ends at its bytes for each server and for all, with every resource left out named', async () => {
    const pages = (letter: string) =>
      Object.fromEntries([1, 2, 3].map((n) => [`x://${letter}${n}`, text(`x://${letter}${n}`, 'x'.repeat(1_000))]));
    const { registry, cache } = await gatherer([shelf('a', pages('a')), shelf('b', pages('b'), { priority: 20 })]);
    const within = (perServer: number, total: number, failFast = false) =>
      new ResourceGatherer({
        registry,
        cache,
        logger: silent,
        failFast,
        strictlyFresh: false,
        perServer: 1,
        limits: { perServer, total },
      }).gatherAll();
    const held = async (gathered: ReturnType<typeof within>) =>
      Object.values((await gathered).servers).map(({ resources }) => Object.keys(resources));
    expect(await held(within(4_000, 8_000))).toEqual([Object.keys(pages('a')), Object.keys(pages('b'))]);
    const short = await within(1_500, 8_000);
    expect(await held(within(1_500, 8_000))).toEqual([['x://a1'], ['x://b1']]);
    expect(short.failures.map(({ uri }) => uri).sort()).toEqual(['x://a2', 'x://a3', 'x://b2', 'x://b3']);
    expect(short.failures[0]?.reason).toBe('os recursos do servidor passam de 1500 bytes');
    const shared = await within(4_000, 4_500);
    expect((await held(within(4_000, 4_500))).flat()).toHaveLength(4);
    expect(shared.failures.map(({ reason }) => reason)).toEqual(Array(2).fill('a coleta passa de 4500 bytes'));
    await expect(within(4_000, 4_500, true)).rejects.toBeInstanceOf(GatherError);
  });

  it('is complete or failed, or partial with the server that is down named', async () => {
    const absent = httpServer('absent', `http://127.0.0.1:${await freePort()}/mcp`, {
      domains: ['sales'],
      priority: 20,
    });
    const good = shelf('a', { 'x://2': text('x://2', 'bom') });
    const { gatherer: partial, registry, cache } = await gatherer([good, absent], { failFast: false, maxRetries: 0 });
    const { servers, failures } = await partial.gatherAll();
    expect(Object.keys(servers)).toEqual(['a']);
    expect(failures).toEqual([{ server: 'absent', reason: expect.stringContaining('não está acessível') }]);
    const complete = new ResourceGatherer({ registry, cache, logger: silent, failFast: true, strictlyFresh: false });
    const failed = await complete.gatherAll().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GatherError);
    expect(failed).toMatchObject({ failures: [{ server: 'absent' }], code: 'servidor_indisponivel' });
  });

  it('fails with the failure, not with the reads that it called off', async () => {
    const slow = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`x://slow${n}`, null]));
    const { gatherer: complete } = await gatherer([
      shelf('a', slow),
      shelf('b', { 'x://1': { code: -32002 } }, { priority: 20 }),
    ]);
    await expect(complete.gatherAll()).rejects.toMatchObject({ failures: [{ server: 'b', uri: 'x://1' }] });
  });

  it('stops when its caller leaves', async () => {
    const { gatherer: all } = await gatherer([shelf('a', { 'x://slow': null })]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(all.gatherAll({ signal: controller.signal })).rejects.toBeInstanceOf(CancelledError);
  });
});

function viaFile(server: ReturnType<typeof shelf>): ReturnType<typeof shelf> {
  const [flag = '', code = '', data = ''] = server.args;
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'data.json');
  writeFileSync(path, data);
  const reading = code.replace('process.argv[1]', `require('fs').readFileSync(${JSON.stringify(path)},'utf8')`);
  return { ...server, args: [flag, reading] };
}
