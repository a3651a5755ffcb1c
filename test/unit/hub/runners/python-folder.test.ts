/** A folder whose packages are installed before it runs: what changes meanwhile, and what pip is handed. */
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localRunner } from '../../../../src/hub/runners/local.ts';
import type { Runner } from '../../../../src/hub/runners/runner.ts';
import { ServerFolders } from '../../../../src/hub/runners/server-folder.ts';
import { LogLines } from '../../../../src/hub/servers/log-lines.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';
import { silent } from '../../../support/upstreams.ts';

const ID = 'hub-aaaaaaaaaaaa';
const PINNED = 'um==1.0\n';
const source = { kind: 'folder', folder: 'cobra' } as const;
const { signal } = new AbortController();
let root: string;
let folder: string;
let runner: Runner;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-python-')));
  folder = join(root, 'local/cobra');
  await mkdir(folder, { recursive: true });
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'data'));
  await writeFile(join(folder, 'requirements.txt'), PINNED);
  await writeFile(join(folder, 'server.py'), 'print(1)');
  runner = localRunner({
    dataDir: join(root, 'data'),
    localDir: join(root, 'local'),
    folders: new ServerFolders(join(root, 'data')),
    lines: new LogLines(),
    logger: silent,
    installerEnvironment: { PATH: `${root}/bin:${process.env['PATH']}`, ROOT: root, SHOP: folder },
    nodePermissions: true,
    registries: async () => ({ own: undefined, standard: undefined }),
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** In the place of python3: makes an environment whose pip writes down what `-r` names, and does this besides. */
async function pipThat(does = ''): Promise<void> {
  const pip = `for last; do true; done
case "$last" in *.txt) cat "$last" >> "$ROOT/asked";; esac
${does}`;
  await writeFile(join(root, 'pip'), `#!/bin/sh\n${pip}\n`);
  await chmod(join(root, 'pip'), 0o755);
  const python = 'for last; do true; done; mkdir -p "$last/bin"; cp "$ROOT/pip" "$last/bin/python"';
  await writeFile(join(root, 'bin/python3'), `#!/bin/sh\n${python}\n`);
  await chmod(join(root, 'bin/python3'), 0o755);
}
const asked = () => readFile(join(root, 'asked'), 'utf8').catch(() => '');

const record = (launch: ServerRecord['launch'], started: true | undefined): ServerRecord => ({
  id: ID,
  name: 'cobra',
  source,
  method: 'local',
  status: 'starting',
  wanted: 'running',
  started,
  domain: 'cobra',
  tools: [],
  args: [],
  env: {},
  launch,
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-01-02T03:04:05.000Z',
});
const plan = () => runner.plan({ source, args: [], env: {} }, signal);
const start = (launch: ServerRecord['launch'], started?: true) =>
  runner.start(record(launch, started), { signal, log: () => {} });

describe.skipIf(process.platform === 'win32')('a Python folder', () => {
  it('that changes while pip runs does not start; one that ran before does', async () => {
    await pipThat('echo "print(2)" > "$SHOP/server.py"');
    const { launch } = await plan();
    await expect(start(launch)).rejects.toMatchObject({ code: 'conflito_de_estado' });
    expect(await start(launch, true)).toMatchObject({ transport: 'stdio' });
  });

  it.each([
    ['--index-url http://evil.example/simple', undefined],
    ['-e ./x', undefined],
    ['--index-url http://evil.example/simple\n-e ./x', true],
    ['./x.whl', true],
  ] as const)('whose list says %j by the time it starts is refused before pip', async (line, started) => {
    await pipThat();
    const { launch } = await plan();
    // As of a folder too large to be read.
    const { content: _content, ...uncovered } = launch;
    await writeFile(join(folder, 'requirements.txt'), `${PINNED}${line}\n`);
    await expect(start(uncovered, started)).rejects.toMatchObject({
      code: 'pedido_recusado',
      message: expect.stringContaining('a linha 2'),
    });
    expect(await asked()).toBe('');
  });

  it('hands pip the very text that was judged, from where nobody else writes', async () => {
    await pipThat('echo "-e ./x" > "$SHOP/requirements.txt"');
    const { launch, commands } = await plan();
    expect(commands[1]?.args.slice(-2)).toEqual(['-r', '{folder}/requirements.txt']);
    await start(launch, true);
    expect(await asked()).toBe(PINNED);
  });

  // Lines of their own for Python and so for pip, none for who reads them.
  it.each([
    ['um==1.0 # note\f-e ./x', 1],
    ['um==1.0 # note\v-e ./x', 1],
    ['um==1.0 # note\r-e ./x', 1],
    ['um==1.0 ; python_version > "3"\r--index-url http://evil.example', 1],
    ['um==1.0\n# note\u0085-e ./x', 2],
    ['# note\u2028-e ./x', 1],
    ['# note\u001e-e ./x', 1],
    ['um==1.0\r\r\n', 1],
  ])('whose list says %j is refused with its line: no editor shows that separator', async (text, line) => {
    await writeFile(join(folder, 'requirements.txt'), text);
    await expect(plan()).rejects.toMatchObject({
      code: 'pedido_recusado',
      message: expect.stringContaining(`a linha ${line} tem um separador`),
    });
  });

  it.each([
    'um==1.0 ; python_version > "3" --index-url http://evil.example',
    'um==1.0 ; sys_platform == "${PATH}"',
    'um==1.0 ; sys_platform == "a -e ./x"',
    'um==1.0 ;',
    'um==1.0 --hash=sha256:00',
    `um==1.0 --hash=sha256:${'0'.repeat(64)} -e ./x`,
    'um==1.0.zip',
    'um==1.0+x.whl',
    'um==1.*',
    'um===1.0',
    'um\u00a0==1.0',
    'um==1.0\u00a0# note',
    'um==1.0#note',
    'um==1.\\\n0',
    'um==1.0 \\\n-e ./x',
    'um==1.0 \\\\\n--pre',
    'um==1.0 \\ \n--pre',
    'um==1.0 \\ # note',
    'um==1.0 # note \\\ndois==2',
    'um==1.0 \\\n# note\n--pre',
    '-r \\\nother.txt',
    '--index-url http://evil.example',
    './x',
    'um @ http://evil.example/x.whl',
    'um[x',
    'um',
    `um==1.0${' '.repeat(200_000)}x`,
    `um==${'1a-1'.repeat(50_000)}`,
  ])('whose list says %j is refused', async (text) => {
    await writeFile(join(folder, 'requirements.txt'), `# first\n${text}\n`);
    await expect(plan()).rejects.toMatchObject({ code: 'pedido_recusado' });
  });

  it('has its packages written anew for pip, without what pip might read otherwise', async () => {
    await pipThat();
    const hash = `--hash=sha256:${'0a'.repeat(32)}`;
    const list = `# coding: utf-7\r
# x+AAo---index-url http://evil.example é
  um == 1.0 # note -e ./x
dois[ a, b ]==1!2.0.post1.dev3+cu118;  (sys_platform!='win32' and python_version not in "3.8,3.9")or os_name=='nt' \\
\t${hash} \\\r
\t${hash}

Tres.x==v1.0rc1 \\
# the last of it
quatro==4`;
    await writeFile(join(folder, 'requirements.txt'), list);
    const { launch, warnings } = await plan();
    await start(launch);
    const marker = `( sys_platform != 'win32' and python_version not in "3.8,3.9" ) or os_name == 'nt'`;
    expect(await asked()).toBe(
      `um==1.0\ndois[a,b]==1!2.0.post1.dev3+cu118 ; ${marker} ${hash} ${hash}\nTres.x==v1.0rc1\nquatro==4\n`,
    );
    expect(warnings.join(' ')).toMatch(
      /O pip instala um==1\.0, dois\S+, Tres\.x==v1\.0rc1, quatro==4, .*: [0-9a-f]{64}/,
    );
  });

  it('whose list is another one at its first start does not start, whatever covers the folder', async () => {
    await pipThat();
    const { launch } = await plan();
    const { content: _content, ...uncovered } = launch;
    await writeFile(join(folder, 'requirements.txt'), 'outro==6.6\n');
    await expect(start(uncovered)).rejects.toMatchObject({ code: 'conflito_de_estado' });
    expect(await asked()).toBe('');
    await start(uncovered, true);
    expect(await asked()).toBe('outro==6.6\n');
  });

  it('whose list got its first package later has it installed at the next start', async () => {
    await pipThat();
    await writeFile(join(folder, 'requirements.txt'), '# nothing\n');
    const { launch, hosts } = await plan();
    expect(hosts).toEqual([]);
    await start(launch);
    expect(await asked()).toBe('');
    await writeFile(join(folder, 'requirements.txt'), PINNED);
    await start(launch, true);
    expect(await asked()).toBe(PINNED);
  });

  it.each(['>&2', '>&1'])('is stopped by a full disk that pip tells of with %s', async (where) => {
    await pipThat(`echo "ERROR: [Errno 28] No space left on device" ${where}; exit 1`);
    const { launch } = await plan();
    await expect(start(launch)).rejects.toMatchObject({ code: 'disco_indisponivel' });
  });

  it('whose program leads out of the folder by now is refused', async () => {
    await pipThat();
    const { launch } = await plan();
    await rm(join(folder, 'server.py'));
    await expect(start(launch, true)).rejects.toMatchObject({ code: 'sem_executor' });
  });
});
