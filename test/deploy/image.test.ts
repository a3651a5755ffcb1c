import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Cmd, type Copy, DockerfileParser, Entrypoint, type From, type JSONInstruction } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const dockerfile = DockerfileParser.parse(readFileSync('Dockerfile', 'utf8'));
const instructions = dockerfile.getInstructions();
const last = instructions.slice(instructions.findLastIndex((one) => one.getKeyword() === 'FROM'));

function all(keyword: string, from = instructions): string[] {
  return from.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '');
}

const texts = z.record(z.string(), z.string());
const { scripts, devDependencies, peerDependencies, version } = z
  .object({ scripts: texts, devDependencies: texts, peerDependencies: texts, version: z.string() })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));
const [denied, ...allowed] = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** What a stage takes from this folder: each source, and where it goes. */
function copiesOf(stage: string | undefined): { source: string; target: string }[] {
  const stages = dockerfile.getFROMs();
  return dockerfile.getCOPYs().flatMap((copy) => {
    const isTaken = copy.getFlags().some((flag) => flag.getName() === 'from');
    const isElsewhere = stages.findLast((from) => from.isBefore(copy.getRange().start.line))?.getBuildStage() !== stage;
    const paths = copy.getArguments().map((argument) => argument.getValue());
    const target = paths.pop() ?? '';
    if (isTaken || (stage !== undefined && isElsewhere)) return [];
    return paths.map((source) => ({
      source,
      target: paths.length > 1 || target.endsWith('/') ? join(target, basename(source)) : target,
    }));
  });
}

/** The files that an npm script runs, also through the scripts it calls. */
function filesOf(script: string): string[] {
  return (scripts[script] ?? '').split('&&').flatMap((command) => {
    const words = command.trim().split(/\s+/);
    if (words[0] !== 'npm') return words.filter((word) => /\.[cm]?[jt]s$/.test(word));
    return filesOf(words.findLast((word) => !word.startsWith('-')) ?? '');
  });
}

describe('the Dockerfile', () => {
  it('builds in stages, each from the same exact version of Node', () => {
    const stages: From[] = dockerfile.getFROMs();
    expect(stages.map((stage) => stage.getBuildStage())).toEqual(['build', 'dependencies', 'server']);
    const images = new Set(stages.map((stage) => stage.getImage()));
    expect([...images]).toHaveLength(1);
    expect([...images][0]).toMatch(/^node:24\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/);
    const tested = /version = '([\d.]+)'/.exec(readFileSync('scripts/node24.mjs', 'utf8'))?.[1];
    expect([...images][0], 'the version the tests run on').toContain(`node:${tested}-`);
  });

  it('takes packages from the lockfile alone, and lets none of those that run be built by its own scripts', () => {
    const installs = all('RUN').filter((run) => run.includes('npm'));
    for (const run of installs) expect(run).toMatch(/^npm ci /);
    expect(installs).toHaveLength(2);
    expect(installs[1]).toContain('--omit=dev --ignore-scripts');
    expect(all('RUN', last).join()).not.toMatch(/npm|apt|curl|wget/);
  });

  it('ends as a user that is not root, whose files all belong to root', () => {
    expect(all('USER', last)).toEqual(['10001:10001']);
    const copies: Copy[] = dockerfile.getCOPYs();
    for (const copy of copies) expect(copy.getFlags().map((flag) => flag.getName())).not.toContain('chown');
    const order = last.map((one) => one.getKeyword());
    expect(order.lastIndexOf('USER')).toBeGreaterThan(order.lastIndexOf('COPY'));
    expect(order.lastIndexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'));
  });

  it('starts node without a shell between, so that SIGTERM reaches it', () => {
    const words = (kind: typeof Cmd | typeof Entrypoint): string[] => {
      const found = last.find((one): one is JSONInstruction => one instanceof kind);
      expect(found?.getOpeningBracket()?.getValue()).toBe('[');
      return found?.getJSONStrings().map((text) => text.getJSONValue()) ?? [];
    };
    expect(words(Entrypoint)).toEqual(['node', '/app/dist/main.js']);
    expect(words(Cmd)).toEqual(['serve', '--transports', 'sse,http']);
    expect(all('STOPSIGNAL', last)).toEqual(['SIGTERM']);
  });

  it('checks its health with node', () => {
    const [check] = all('HEALTHCHECK', last);
    expect(check).toMatch(/CMD \["node", "-e", /);
    expect(check).toContain('/health/ready');
    expect(check).not.toMatch(/curl|wget/);
  });

  it('holds no secret and fetches nothing by address', () => {
    expect(all('ADD')).toEqual([]);
    expect(all('ARG')).toEqual([]);
    for (const settings of all('ENV')) expect(settings).not.toMatch(/TOKEN=|SECRET=|PASSWORD=|KEY=/);
    expect(all('COPY').join()).not.toMatch(/credentials|\.env|secrets/);
  });

  it('is built from a list of files that are there and allowed in, and none of which is a secret', () => {
    expect(denied).toBe('*');
    for (const line of allowed) expect(line).toMatch(/^![^*?!]+$/);
    const sources = copiesOf(undefined).map(({ source }) => source);
    for (const source of sources) {
      expect(existsSync(source), source).toBe(true);
      expect(allowed, 'in .dockerignore').toContain(`!${source}`);
    }
    expect(allowed.filter((line) => !sources.includes(line.slice(1)))).toEqual([]);
  });

  it('has what `npm ci` runs before it runs it', () => {
    const needed = filesOf('prepare');
    expect(needed).not.toEqual([]);
    const targets = copiesOf('build').map(({ target }) => join(target));
    for (const file of needed) expect(targets).toContain(file);
  });

  it('compiles from what it copies alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-image-'));
    for (const { source, target } of copiesOf('build')) cpSync(source, join(folder, target), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const built = spawnSync('npm', ['run', 'prepare'], { cwd: folder, encoding: 'utf8', timeout: 100_000 });
    const told = spawnSync(process.execPath, ['dist/main.js', '--version'], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(built, built.stderr).toMatchObject({ status: 0 });
    expect(told.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }, 120_000);
});

it('docs/deploy.md puts the optional packages of the tested versions over this image', () => {
  const told = readFileSync('docs/deploy.md', 'utf8');
  const packages = [...told.matchAll(/(@opentelemetry\/[\w-]+)@([\d.]+)/g)].map(([, name, exact]) => [name, exact]);
  const needed = Object.keys(peerDependencies).filter((name) => name.startsWith('@opentelemetry/'));
  const tested = needed.map((name) => [name, devDependencies[name]]);
  expect(packages.sort()).toEqual(tested.sort());
  expect(told).toContain(`FROM omie-mcp-hub:${version}\n`);
});
