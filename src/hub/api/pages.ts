/**
 * The pages that show the API, from files that the build put beside the program: nothing comes from another host. They
 * hold nothing of this house, and a browser cannot send a token with a page: so they are open, and all they show is
 * asked of /api with the token.
 */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Router } from 'express';
import { HubError } from '../problem.ts';

export interface PageFiles {
  /** Folder with `page/`, `swagger-ui/` and `redoc/`. */
  readonly folder: string;
}

/** Scripts of our own host alone. Both bundles set styles from scripts; ReDoc searches in a worker of its own making. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
};

/** What is served, by path: a closed list, so that no name leads out of the folder. */
const FILES: Readonly<Record<string, string>> = {
  '/docs/swagger-ui.css': 'swagger-ui/swagger-ui.css',
  '/docs/swagger-ui-bundle.js': 'swagger-ui/swagger-ui-bundle.js',
  '/docs/favicon.png': 'swagger-ui/favicon-32x32.png',
  '/redoc/redoc.standalone.js': 'redoc/redoc.standalone.js',
};

/**
 * Swagger UI shows JSON as the browser's own has parsed it. What a double does not hold has 16 digits in a row, perhaps with a
 * point between, or an exponent of three: an answer with any such is shown as the text that it came as.
 */
const START_SWAGGER = `window.ui = SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: 'BaseLayout', persistAuthorization: false,
  responseInterceptor(response) {
    if (/[\\d.]{16}|\\de[+-]?\\d{3}/i.test(response.text)) response.headers['content-type'] = 'text/plain';
    return response;
  },
});
`;
const START_REDOC = `Redoc.init('/openapi.json', { hideDownloadButtons: false }, document.getElementById('page'));
`;

const page = (title: string, head: string, scripts: readonly string[]): string => `<!doctype html>
<html lang="pt-BR">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" type="image/png" href="/docs/favicon.png">${head}</head>
<body><div id="page"></div>${scripts.map((src) => `<script src="${src}"></script>`).join('')}</body>
</html>
`;

const SWAGGER = page('API do hub', '<link rel="stylesheet" href="/docs/swagger-ui.css">', [
  '/docs/swagger-ui-bundle.js',
  '/docs/start.js',
]);
const REDOC = page('API do hub', '', ['/redoc/redoc.standalone.js', '/redoc/start.js']);

export function pages({ folder }: PageFiles): Router {
  const router = Router({ strict: false });
  const texts: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/docs': ['text/html; charset=utf-8', SWAGGER],
    '/redoc': ['text/html; charset=utf-8', REDOC],
    '/docs/start.js': ['text/javascript; charset=utf-8', START_SWAGGER],
    '/redoc/start.js': ['text/javascript; charset=utf-8', START_REDOC],
  };
  for (const [path, [type, text]] of Object.entries(texts)) {
    router.get(path, (_req, res) => {
      res.setHeader('content-security-policy', POLICY);
      res.type(type).send(text);
    });
  }
  for (const [path, file] of Object.entries(FILES)) {
    router.get(path, async (_req, res) => {
      const bytes = await readFile(`${folder}/${file}`).catch((cause: unknown) => {
        throw new HubError('nao_configurado', 'As páginas da API não estão neste pacote.', {
          hint: 'Rode npm run build.',
          cause,
        });
      });
      res.setHeader('cache-control', 'public, max-age=3600');
      res.type(TYPES[extname(file)] ?? 'application/octet-stream').send(bytes);
    });
  }
  return router;
}
