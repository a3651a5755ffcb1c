import { expect, it } from 'vitest';
import { dockerfileFacts } from '../../../../src/hub/runners/docker/dockerfile-facts.ts';
import { engineAddress } from '../../../../src/hub/runners/docker/engine-address.ts';
import { imageName, registryOf } from '../../../../src/hub/runners/docker/image-name.ts';
import { dockerRunner } from '../../../../src/hub/runners/docker.ts';
import { ServerFolders } from '../../../../src/hub/runners/server-folder.ts';
import { LogLines } from '../../../../src/hub/servers/log-lines.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

it.each([
  ['unix:///run/docker.sock', { socketPath: '/run/docker.sock' }],
  ['tcp://127.0.0.1:2375', { host: '127.0.0.1', port: 2375, local: true }],
  ['tcp://[::1]:99', { host: '::1', port: 99, local: true }],
  ['tcp://proxy', { host: 'proxy', port: 2375, local: false }],
  ['tcp://engine:2376', undefined],
  ['tcp://user@engine:1', undefined],
  ['tcp://engine/path', undefined],
  ['ssh://engine', undefined],
  ['unix://docker.sock', undefined],
  ['', undefined],
])('DOCKER_HOST %s', (text, address) => {
  expect(engineAddress(text)).toEqual(address);
});

it.each([
  ['redis:7', 'redis', '7', undefined, 'registry-1.docker.io'],
  ['mcp/time:1.0', 'mcp/time', '1.0', undefined, 'registry-1.docker.io'],
  [`ghcr.io/a/b@${DIGEST}`, 'ghcr.io/a/b', undefined, DIGEST, 'ghcr.io'],
  [`localhost:5000/a/b:1@${DIGEST}`, 'localhost:5000/a/b', '1', DIGEST, 'localhost:5000'],
  ['docker.io/a/b:1', 'docker.io/a/b', '1', undefined, 'registry-1.docker.io'],
])('the image %s', (text, repository, tag, digest, registry) => {
  expect(imageName(text)).toEqual({ repository, tag, digest });
  expect(registryOf(repository)).toBe(registry);
});

it.each([
  ['FROM node:22@sha256:x AS build\nRUN npm ci\nFROM build\nFROM scratch\n', ['node:22@sha256:x'], false],
  ['from --platform=$BUILDPLATFORM golang:1 as b\nFROM b AS c\nFROM alpine\n', ['golang:1', 'alpine'], false],
  ['FROM a\nRUN --mount=type=cache,target=/x \\\n  npm ci\n', ['a'], true],
  ['FROM a\nRUN x \\\n  --mount=no\n', ['a'], false],
  ['FROM a\nCOPY --link . .\n', ['a'], true],
  ['FROM a\nCOPY --chown=1:1 --chmod=755 . .\n', ['a'], true],
  ['FROM a\nRUN <<EOF\nls\nEOF\n', ['a'], true],
  ['# FROM x\nFROM a\n', ['a'], false],
])('the Dockerfile %j', (text, bases, needsBuildKit) => {
  expect(dockerfileFacts(text)).toEqual({ bases, untold: [], needsBuildKit });
});

it.each<[string, string, string[], string[]]>([
  ['a copy from an image', 'FROM a AS b\nCOPY --from=evil.example/x:1 /x /\n', ['a', 'evil.example/x:1'], []],
  ['a copy among other flags', 'FROM a\nCOPY --chown=1:1 --from="x:1" / /\n', ['a', 'x:1'], []],
  ['copies from stages', 'FROM a AS B\nFROM c\nCOPY --from=b / /\nCOPY --from=0 / /\n', ['a', 'c'], []],
  ['a stage that copies from an image of its own name', 'FROM a AS b\nCOPY --from=b / /\n', ['a', 'b'], []],
  ['a stage that comes later', 'FROM a\nCOPY --from=late / /\nFROM c AS late\n', ['a', 'late', 'c'], []],
  ['a variable in a copy', 'ARG X=y\nFROM a\nCOPY --from=$X / /\n', ['a'], ['$X']],
  ['a mount', 'FROM a\nRUN --mount=type=bind,from=x:2,target=/x true\n', ['a', 'x:2'], []],
  ['the frontend', '# syntax = docker.io/x/evil:1\nFROM a\n', ['docker.io/x/evil:1', 'a'], []],
  ['no frontend behind a comment', '# hello\n# syntax=x\nFROM a\n', ['a'], []],
  [
    'defaults',
    'ARG V=22 R="ghcr.io/x"\nARG I=${R}/node:$V\nFROM $I AS b\nFROM ${R}/y:${W:-3}\n',
    ['ghcr.io/x/node:22', 'ghcr.io/x/y:3'],
    [],
  ],
  ['a default of a stage', 'ARG S=b\nFROM a AS b\nFROM $S\n', ['a'], []],
  ['no default', 'ARG V\nFROM node:$V\nFROM x:${TARGETARCH}\n', [], ['node:$V', 'x:${TARGETARCH}']],
  ['what is computed', 'ARG V=1\nFROM x:${V%1}\nFROM y\\:1\n', [], ['x:${V%1}', 'y\\:1']],
  ['an argument of a stage', 'FROM a\nARG V=1\nFROM x:$V\n', ['a'], ['x:$V']],
  ['a comment that seems to go on', 'FROM a\n# nothing here \\\nFROM evil\n', ['a', 'evil'], []],
  ['a comment in what goes on', 'FROM a\nRUN x \\\n# y\n\n  z\nFROM b\n', ['a', 'b'], []],
  ['two escapes', 'FROM a\nRUN x \\\\\nFROM evil\n', ['a', 'evil'], []],
  ['another escape', '# escape=`\nFROM a\nRUN x \\\nFROM `\nevil\n', ['a', 'evil'], []],
])('a Dockerfile hides no image behind %s', (_, text, bases, untold) => {
  expect(dockerfileFacts(text)).toMatchObject({ bases, untold });
});

it('of an Engine that is away nobody says that its containers fell', async () => {
  const runner = dockerRunner({
    dataDir: '/nowhere',
    folders: new ServerFolders('/nowhere'),
    lines: new LogLines(),
    limits: { memoryBytes: 1, cpus: 1 },
    dockerHost: 'tcp://127.0.0.1:1',
    attachProgram: '',
    fetchArchive: () => Promise.reject(new Error('not asked')),
  });
  const server: ServerRecord = {
    id: 'hub-abcdefghijkl',
    name: 'probe',
    source: { kind: 'image', image: 'a:1' },
    method: 'docker',
    status: 'starting',
    wanted: 'running',
    domain: 'probe',
    tools: [],
    args: [],
    env: {},
    port: 8080,
    launch: {},
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
  };
  expect(await runner.health(server)).toMatchObject({ healthy: false, unknown: true });
});
