// What people install: the npm package, the Claude Desktop extension and its bill of materials, made and looked into.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getMcpConfigForManifest, MANIFEST_SCHEMAS, unpackExtension } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lockedPackages } from '../../scripts/locked-packages.ts';
import { tools } from '../../src/tools/catalog.ts';
import { type Bench, initialize, startBench } from '../support/program.ts';

const rootUrl = new URL('../../', import.meta.url);
const root = fileURLToPath(rootUrl);
const production = lockedPackages(rootUrl).filter((locked) => locked.production);
const run = (script: string, output: string): void => {
  execFileSync(process.execPath, ['--import', 'tsx', join('scripts', script), output], { cwd: root, stdio: 'ignore' });
};

let bench: Bench;
let folder: string;
beforeAll(async () => {
  bench = await startBench();
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-packaging-'));
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the npm package', () => {
  it('holds the built program, its documents and nothing else', () => {
    const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
    const told = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const shape = z.tuple([z.object({ files: z.array(z.object({ path: z.string() })) })]);
    const paths = shape.parse(JSON.parse(told))[0].files.map(({ path }) => path);
    expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual(
      [
        '.env.example',
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'README.pt-BR.md',
        'SECURITY.md',
        'credentials.example.json',
        'docs/lgpd.md',
        'docs/schemas/gateway.schema.json',
        'gateway.example.yaml',
        'tokens.example.json',
        'package.json',
      ].sort(),
    );
    const built = paths.filter((path) => path.startsWith('dist/'));
    expect(built).toContain('dist/main.js');
    const declarations = built.filter((path) => path.endsWith('.d.ts'));
    expect(declarations).toContain('dist/types/gateway/library/index.d.ts');
    expect(declarations.filter((path) => !path.startsWith('dist/types/'))).toEqual([]);
    const pages = built.filter((path) => path.startsWith('dist/hub-pages/'));
    expect(pages).toEqual(
      expect.arrayContaining([
        'dist/hub-pages/page/index.html',
        'dist/hub-pages/page/page.css',
        'dist/hub-pages/page/page.js',
        'dist/hub-pages/redoc/redoc.standalone.js',
        'dist/hub-pages/redoc/LICENSE',
        'dist/hub-pages/swagger-ui/NOTICE',
      ]),
    );
    const program = built.filter((path) => !pages.includes(path));
    expect(program.filter((path) => !/\.(?:js(?:\.map)?|d\.ts)$/.test(path))).toEqual([]);
  });
});

describe('the library of the gateway', () => {
  it('is imported by its name and has types that a strict program can use', async () => {
    const at = join(folder, 'consumer');
    await mkdir(join(at, 'node_modules', '@types'), { recursive: true });
    await symlink(root, join(at, 'node_modules', 'omie-mcp-hub'));
    await symlink(join(root, 'node_modules/@types/node'), join(at, 'node_modules/@types/node'));
    const compilerOptions = {
      module: 'NodeNext',
      target: 'ES2023',
      lib: ['ES2023', 'ESNext.Disposable'],
      strict: true,
    };
    const options = { ...compilerOptions, noEmit: true, types: ['node'], skipLibCheck: false };
    await writeFile(join(at, 'package.json'), '{"type":"module"}');
    await writeFile(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
    await writeFile(
      join(at, 'use.ts'),
      `import { type LanguageModel, MCPOrchestrator, MCPRegistry } from 'omie-mcp-hub/gateway';
      await using gateway = new MCPOrchestrator();
      const model: LanguageModel = { generate: async ({ tools }) => ({ text: String(tools.length) }) };
      const ask = (): Promise<string> => gateway.processQuery('?', model).then(({ answer }) => answer);
      // @ts-expect-error: the types are there, and say no
      gateway.nothing();
      console.log(typeof ask, new MCPRegistry().entries.length, gateway.getStatus().initialized);`,
    );
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', at], { stdio: 'pipe' });
    const script = `import * as library from 'omie-mcp-hub/gateway'; console.log(Object.keys(library).join(' '));`;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: at, encoding: 'utf8' });
    expect(told.trim().split(' ')).toEqual([
      'CancelledError',
      'ConfigurationError',
      'MCPConnectionError',
      'MCPOrchestrator',
      'MCPOrchestratorError',
      'MCPRegistry',
      'NoMCPAvailableError',
      'QueryGenerationError',
      'ResourceCache',
      'ResourceFetchError',
    ]);
  });
});

describe('the Claude Desktop extension', () => {
  it('starts from the unpacked bundle alone and answers over stdio', async () => {
    const bundle = join(folder, 'hub.mcpb');
    const unpacked = join(folder, 'unpacked');
    run('bundle.ts', bundle);
    expect(await unpackExtension({ mcpbPath: bundle, outputDir: unpacked, silent: true })).toBe(true);

    const files = await readdir(unpacked, { recursive: true });
    const unwanted = /(^|\/)(src|test|scripts|bench|examples|\.git|\.env[^/]*|credentials\.json)(\/|$)/;
    expect(files.filter((path) => !path.startsWith('node_modules') && unwanted.test(path))).toEqual([]);
    // A native module would tie the bundle to the machine it was packed on.
    expect(files.filter((path) => path.endsWith('.node'))).toEqual([]);
    const manifests = files.filter((path) => /node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path));
    const installed = manifests.map((path) => path.slice(0, -'/package.json'.length));
    expect(installed.sort()).toEqual(production.map(({ path }) => path).sort());

    const manifest = MANIFEST_SCHEMAS['0.3'].parse(JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8')));
    const started = await getMcpConfigForManifest({
      manifest,
      extensionPath: unpacked,
      systemDirs: {},
      userConfig: { credentials_file: bench.credentialsFile, omie_base_url: bench.simulator.url },
      pathSeparator: '/',
    });
    const { args, env } = z
      .object({ command: z.literal('node'), args: z.array(z.string()), env: z.record(z.string(), z.string()) })
      .parse(started);
    const client = new Client({ name: 'desktop', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args, env, cwd: folder, stderr: 'ignore' }),
    );
    expect(client.getServerVersion()).toMatchObject({ version: manifest.version });
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toEqual(manifest.tools?.map(({ name }) => name));
    expect(listed).toEqual(tools.map(({ descriptor }) => descriptor.name));
    const { structuredContent } = await client.callTool({ name: 'listar_empresas', arguments: {} });
    expect(structuredContent).toMatchObject({ total: 3 });
    const title = await client.callTool({
      name: 'consultar_contas_receber_empresa',
      arguments: { company_id: 'empresa_001', apenas_vencidas: true },
    });
    expect(title.isError ?? false).toBe(false);
    await client.close();
  }, 180_000);
});

describe('the registry entry', () => {
  it('gives arguments that the program understands', async () => {
    const shape = z.object({
      packages: z.tuple([
        z.object({ packageArguments: z.array(z.object({ name: z.string().optional(), value: z.string() })) }),
      ]),
    });
    const { packages } = shape.parse(JSON.parse(await readFile(join(root, 'server.json'), 'utf8')));
    const args = packages[0].packageArguments.map(({ name, value }) =>
      name === undefined ? value : `${name}=${value}`,
    );
    const program = bench.run(args);
    program.send(initialize);
    expect((await program.answer(1)).result).toMatchObject({ serverInfo: { name: expect.any(String) } });
    expect(program.stderr).not.toContain('"port"');
  });
});

describe('the bill of materials', () => {
  it('names exactly the production packages of the lockfile', async () => {
    const output = join(folder, 'sbom.json');
    run('write-sbom.ts', output);
    const component = z.object({ name: z.string(), version: z.string() });
    const sbom = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        metadata: z.object({ component }),
        components: z.array(component.extend({ purl: z.string() })),
      })
      .parse(JSON.parse(await readFile(output, 'utf8')));
    expect(sbom.metadata.component.name).toBe('omie-mcp-hub');
    const named = sbom.components.map(({ name, version }) => `${name}@${version}`);
    expect(named.sort()).toEqual([...new Set(production.map(({ name, version }) => `${name}@${version}`))].sort());
    expect(named.length).toBeGreaterThan(50);
  }, 60_000);
});
