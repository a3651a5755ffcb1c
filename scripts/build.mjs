/** Bundles src/ into dist/: a handful of files instead of three hundred, because each file of its own delays the start. */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
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
