/**
 * The page at `/`, from files that the build put beside the program. It holds nothing of this house: whoever opens it types
 * the token there, and its script asks /api with it.
 */
import { readFile } from 'node:fs/promises';
import { Router } from 'express';
import { HubError } from '../problem.ts';
import type { PageFiles } from './pages.ts';

/**
 * Our own script and style alone, none of it inline; no form is ever sent by the browser itself; and no text becomes
 * markup, whatever the script does (Trusted Types).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** What is served, by path: a closed list. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page/icon.png': ['icon.png', 'image/png'],
};

export function frontPage({ folder }: PageFiles): Router {
  const router = Router();
  for (const [path, [file, type]] of Object.entries(FILES)) {
    router.get(path, async (_req, res) => {
      const bytes = await readFile(`${folder}/page/${file}`).catch((cause: unknown) => {
        throw new HubError('nao_configurado', 'A página do hub não está neste pacote.', {
          hint: 'Rode npm run build.',
          cause,
        });
      });
      res.setHeader('content-security-policy', POLICY);
      res.setHeader('cross-origin-opener-policy', 'same-origin');
      // Of one version with the program: never that of the one before.
      res.setHeader('cache-control', 'no-store');
      res.type(type).send(bytes);
    });
  }
  return router;
}
