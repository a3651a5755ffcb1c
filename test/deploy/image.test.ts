import { readFileSync } from 'node:fs';
import { Cmd, type Copy, DockerfileParser, Entrypoint, type From, type JSONInstruction } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';

const dockerfile = DockerfileParser.parse(readFileSync('Dockerfile', 'utf8'));
const instructions = dockerfile.getInstructions();
const last = instructions.slice(instructions.findLastIndex((one) => one.getKeyword() === 'FROM'));

function all(keyword: string, from = instructions): string[] {
  return from.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '');
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
      expect(found?.getOpeningBracket()).toBeTruthy();
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

  it('is built from a list of files that names no secret', () => {
    const [first, ...rest] = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    for (const line of rest) expect(line).toMatch(/^!/);
    for (const copied of all('COPY').filter((copy) => !copy.startsWith('/build'))) {
      for (const source of copied.split(/\s+/).slice(0, -1)) expect(rest).toContain(`!${source}`);
    }
  });
});
