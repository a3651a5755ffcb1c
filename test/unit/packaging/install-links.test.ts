// The links of both READMEs, decoded as the editors decode them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageFacts } from '../../../scripts/package-facts.ts';

const http = z.strictObject({ type: z.literal('http').optional(), url: z.url({ protocol: /^https?$/ }) });
const stdio = z.strictObject({
  command: z.literal('npx'),
  args: z.array(z.string()),
  env: z.strictObject({ CREDENTIALS_FILE: z.string().min(1) }),
});
const prompt = z.strictObject({ type: z.literal('promptString'), id: z.string(), description: z.string() });
const vscode = z.looseObject({ name: z.literal('omie'), inputs: z.array(prompt).default([]) });

function decodeVscode(link: string) {
  const { name: _name, inputs, ...config } = vscode.parse(JSON.parse(decodeURIComponent(link.split('?')[1] ?? '')));
  return { inputs, config: z.union([http, stdio]).parse(config) };
}

function decodeCursor(link: string) {
  const query = new URL(link).searchParams;
  expect(query.get('name')).toBe('omie');
  return z.union([http, stdio]).parse(JSON.parse(Buffer.from(query.get('config') ?? '', 'base64').toString('utf8')));
}

const fromNpm = {
  command: 'npx',
  args: ['-y', `omie-mcp-hub@${packageFacts.version}`, 'serve', '--transports', 'stdio'],
};

describe.each(['README.md', 'README.pt-BR.md'])('install links of %s', (readme) => {
  const text = readFileSync(new URL(`../../../${readme}`, import.meta.url), 'utf8');
  const links = [...text.matchAll(/\]\((\S+)\)/g)].map(([, link = '']) => link);
  const starting = (prefix: string): string[] => links.filter((link) => link.startsWith(prefix));

  it('VS Code: a running server, and the package with a question for the path', () => {
    const [running, packaged] = starting('vscode:mcp/install?').map(decodeVscode);
    expect(running).toEqual({ inputs: [], config: { type: 'http', url: 'http://127.0.0.1:8000/mcp' } });
    expect(packaged?.config).toMatchObject(fromNpm);
    const [asked] = packaged?.inputs ?? [];
    expect(packaged?.config).toMatchObject({ env: { CREDENTIALS_FILE: `\${input:${asked?.id}}` } });
  });

  it('Cursor: the same two', () => {
    const [running, packaged] = starting('cursor://anysphere.cursor-deeplink/mcp/install?').map(decodeCursor);
    expect(running).toEqual({ url: 'http://127.0.0.1:8000/mcp' });
    expect(packaged).toMatchObject(fromNpm);
  });

  it('the pages of both editors lead to the very same links', () => {
    const pages = starting('https://insiders.vscode.dev/redirect?').map((link) =>
      new URL(link).searchParams.get('url'),
    );
    expect(pages).toEqual(starting('vscode:mcp/install?'));
    const cursorPages = starting('https://cursor.com/install-mcp?').map(decodeCursor);
    expect(cursorPages).toEqual(starting('cursor://').map(decodeCursor));
    expect(cursorPages).toHaveLength(2);
  });

  it('Claude Code: the same package', () => {
    expect(text).toContain(` -- npx ${fromNpm.args.join(' ')}\n`);
  });
});
