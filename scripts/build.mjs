/** Bundles src/ into dist/: a handful of files instead of three hundred, because each file of its own delays the start. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { emitTypes } from './emit-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = `${root}dist`;
const { dependencies, peerDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// A hundred files, all of them read before our first line runs.
const bundled = ['zod'];

// Chunks are named by their content: those of the last build would stay.
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/main.ts',
    gateway: 'src/gateway/library/index.ts',
    // A process of its own beside each conversation with a container.
    'attach-container': 'src/hub/runners/docker/attach-container.ts',
  },
  outdir,
  bundle: true,
  // What is loaded lazily stays apart.
  splitting: true,
  // Other dependencies stay where npm puts and updates them; optional ones are there only if somebody installed them.
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !bundled.includes(name)),
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Lines only: the sources themselves are not published.
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
emitTypes();

/** What the hub shows its API with: one file each of packages that are not installed with ours, with their licences. */
const pages = {
  'swagger-ui-dist': [
    'swagger-ui-bundle.js',
    'swagger-ui-bundle.js.LICENSE.txt',
    'swagger-ui.css',
    'favicon-32x32.png',
    'LICENSE',
    'NOTICE',
  ],
  redoc: ['bundles/redoc.standalone.js', 'bundles/redoc.standalone.js.LICENSE.txt', 'LICENSE'],
};
for (const [name, files] of Object.entries(pages)) {
  const folder = `${outdir}/hub-pages/${name === 'redoc' ? name : 'swagger-ui'}`;
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(`${root}node_modules/${name}/${file}`, `${folder}/${file.split('/').at(-1)}`);
}

/** ReDoc's own mark comes from its makers' host: nothing here is asked of another one. */
const redoc = `${outdir}/hub-pages/redoc/redoc.standalone.js`;
const bundle = readFileSync(redoc, 'utf8');
const mark = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
if (!bundle.includes(mark)) throw new Error(`${mark} is not in ReDoc any more: see what it asks for instead`);
const nothing = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
writeFileSync(redoc, bundle.replaceAll(mark, nothing));

/** The hub's own page: one script for browsers, and beside it what needs no building. */
const page = `${outdir}/hub-pages/page`;
await build({
  absWorkingDir: root,
  entryPoints: { page: 'src/hub/page/main.ts' },
  outdir: page,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome111', 'firefox114', 'safari16.4'],
  logLevel: 'warning',
});
for (const file of ['index.html', 'page.css']) cpSync(`${root}src/hub/page/${file}`, `${page}/${file}`);
cpSync(`${root}icon.png`, `${page}/icon.png`);
