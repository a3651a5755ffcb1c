import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DockerEngine } from '../../support/docker-engine.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probeServer } from '../../support/npm-registry.ts';
import { isAlive } from '../../support/upstreams.ts';

const IMAGE = 'ghcr.io/teste/probe:1.2.3';
const LABELS = {
  'omie-mcp-hub.hub': expect.stringMatching(/^[0-9a-f-]{36}$/),
  'omie-mcp-hub.server': expect.any(String),
};
const PATIENCE = { timeout: 30_000, interval: 50 };

let root: string;
let engine: DockerEngine;
let hub: TestHub;
let digest: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-docker-'));
  await writeFile(join(root, 'probe.cjs'), probeServer);
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  engine = await DockerEngine.start();
  digest = engine.publish(IMAGE, () => ({ command: process.execPath, args: [join(root, 'probe.cjs')] }));
  hub = await startHub({ DOCKER_HOST: engine.host });
});
afterEach(async () => {
  await hub.close();
  await engine.close();
});

const pinned = (): string => `ghcr.io/teste/probe@${digest}`;
const left = () => ({ containers: engine.containers.size, networks: engine.networks.length });

it('a dry run resolves the tag and makes nothing', async () => {
  const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', {
    image: IMAGE,
    env: { API_KEY: 'canary' },
    args: ['um'],
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    method: 'docker',
    image: pinned(),
    hosts: ['ghcr.io'],
    source: `image:${IMAGE}`,
    warnings: [],
  });
  expect(body.why).toEqual([`Imagem ${IMAGE}.`, 'docker: é uma imagem de contêiner']);
  expect(
    body.commands.map(({ command, args }: { command: string; args: string[] }) => [command, ...args].join(' ')),
  ).toMatchInlineSnapshot(`
    [
      "docker pull ghcr.io/teste/probe@sha256:f96e4b578974421132fc68d9ce048b8867b888f3c007ea03c3dffce1c369b312",
      "docker network create --opt=com.docker.network.bridge.enable_icc=false omie-mcp-hub-{id}",
      "docker run --interactive --rm --log-driver=none --network=omie-mcp-hub-{id} --read-only --tmpfs=/tmp:rw,noexec,nosuid,nodev,size=64m --cap-drop=ALL --security-opt=no-new-privileges:true --pids-limit=256 --memory=512m --memory-swap=512m --cpus=1 --init --restart=no --env API_KEY ghcr.io/teste/probe@sha256:f96e4b578974421132fc68d9ce048b8867b888f3c007ea03c3dffce1c369b312 um",
    ]
  `);
  expect(JSON.stringify(body)).not.toContain('canary');
  expect(engine.calls.filter((call) => !call.startsWith('GET'))).toEqual([]);
});

it('deploys, answers, stops, starts and is removed; the Engine is asked for exactly this', async () => {
  engine.calls.length = 0;
  const server = await hub.deploy({ image: IMAGE, env: { API_KEY: 'canary' }, args: ['um', '--dois'] });
  expect(server).toMatchObject({
    status: 'deployed',
    method: 'docker',
    domain: 'probe',
    tools: expect.arrayContaining(['argv']),
  });
  expect(await hub.told(server.id, 'argv')).toBe('["um","--dois"]');
  const env = JSON.parse(await hub.told(server.id, 'env'));
  expect(Object.keys(env).sort()).toEqual(['API_KEY', 'HOSTNAME']);
  expect(engine.bodiesOf('POST /containers/create')[0]).toMatchInlineSnapshot();
});
