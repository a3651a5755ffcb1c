import { expect, it } from 'vitest';
import { dockerfileFacts } from '../../../../src/hub/runners/docker/dockerfile-facts.ts';
import { engineAddress } from '../../../../src/hub/runners/docker/engine-address.ts';
import { imageName, registryOf } from '../../../../src/hub/runners/docker/image-name.ts';

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
  expect(dockerfileFacts(text)).toEqual({ bases, needsBuildKit });
});
