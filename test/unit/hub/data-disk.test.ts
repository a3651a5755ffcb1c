import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problemOf } from '../../../src/hub/api/problem-response.ts';
import { hubIdOf } from '../../../src/hub/runners/hub-id.ts';
import { ServerFolders } from '../../../src/hub/runners/server-folder.ts';
import { onDisk } from '../../../src/hub/servers/data-disk.ts';
import { FileStore } from '../../../src/hub/servers/file-store.ts';

const failing = (code: string) => onDisk(() => Promise.reject(Object.assign(new Error('/a/path'), { code })));
const thrownBy = (work: Promise<unknown>): Promise<unknown> => work.catch((thrown: unknown) => thrown);

it.each([
  ['ENOSPC', /está cheio/, /Libere espaço/],
  ['EDQUOT', /cota/, /Libere espaço/],
  ['EROFS', /só para leitura/, /com escrita/],
  ['EACCES', /não deixa o hub gravar/, /com escrita/],
])('%s is told as what it is, with what to do and without a path', async (code, detail, hint) => {
  const problem = problemOf(await thrownBy(failing(code)), 'id');
  expect(problem).toMatchObject({
    status: 507,
    code: 'disco_indisponivel',
    type: 'urn:omie-mcp-hub:problem:disco_indisponivel',
    detail: expect.stringMatching(detail),
    hint: expect.stringMatching(hint),
  });
  expect(JSON.stringify(problem)).not.toContain('/a/path');
});

it('what is no trouble of the disk is thrown as it is', async () => {
  expect(await thrownBy(failing('ENOENT'))).toMatchObject({ code: 'ENOENT' });
});

// There nobody may make a folder, root neither.
it.skipIf(process.platform !== 'linux')('the registry says so itself', async () => {
  const store = new FileStore('/sys/omie-mcp-hub-none/servers.json');
  expect(await store.load()).toEqual([]);
  await expect(store.remove('hub-aaaaaaaaaaaa')).rejects.toMatchObject({ code: 'disco_indisponivel' });
});

// Node's own way to make folders would try there for ever.
it.skipIf(process.platform !== 'linux')('where nothing can be made, nobody tries for ever', async () => {
  const none = '/proc/omie-mcp-hub-none/data';
  await expect(new FileStore(join(none, 'servers.json')).remove('hub-aaaaaaaaaaaa')).rejects.toThrow(/ENOENT/);
  await expect(hubIdOf(none)).rejects.toThrow(/ENOENT/);
  await expect(new ServerFolders(none).open('hub-aaaaaaaaaaaa')).rejects.toThrow(/ENOENT/);
});
