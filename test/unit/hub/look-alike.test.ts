import { expect, it } from 'vitest';
import { knownNpm, knownPypi } from '../../../src/hub/safety/known-packages.ts';
import { lookAlikeOf } from '../../../src/hub/safety/look-alike.ts';

const FILES = '@modelcontextprotocol/server-filesystem';

it.each([
  // One edit.
  ['firecrawl-mpc', 'firecrawl-mcp'],
  ['firecrawl-mc', 'firecrawl-mcp'],
  ['supergatewway', 'supergateway'],
  ['chrome-devtool-mcp', 'chrome-devtools-mcp'],
  ['@modelcontextprotocoI/server-filesystem'.toLowerCase(), FILES],
  // Letters that look alike.
  ['@m0delc0ntextpr0t0c0l/server-filesystem', FILES],
  ['@rnodelcontextprotocol/server-filesystem', FILES],
  ['tavi1y-mcp', 'tavily-mcp'],
  ['mcp-rernote', 'mcp-remote'],
  // Another scope, or none.
  ['@modelcontextprotocols/server-filesystem', FILES],
  ['@model-context-protocol/server-filesystem', FILES],
  ['@alguem/server-filesystem', FILES],
  ['server-filesystem', FILES],
  ['modelcontextprotocol-server-filesystem', FILES],
  ['@playwrite/mcp', undefined],
  ['@playwrlght/mcp', '@playwright/mcp'],
  ['playwright-mcp', '@playwright/mcp'],
  ['notion-mcp-server', '@notionhq/notion-mcp-server'],
  // Other separators.
  ['n8n_mcp', 'n8n-mcp'],
  ['mcpremote', 'mcp-remote'],
  // Nothing of the kind.
  ['@teste/probe-server', undefined],
  ['@acme/mcp', undefined],
  ['@acme/mcp-server', undefined],
  ['postgres-mcp-server', undefined],
  ['mcp', undefined],
  ['@modelcontextprotocol/server-new-one', undefined],
  ['@modelcontextprotocol/server-filesystems', undefined],
])('%s of npm: %s', (name, known) => {
  expect(lookAlikeOf('npm', name)).toBe(known);
});

it.each([
  ['mcp-server-tlme', 'mcp-server-time'],
  ['fastmpc', 'fastmcp'],
  ['mcpserverfetch', 'mcp-server-fetch'],
  // To PyPI this is the known one itself.
  ['MCP_Server.Fetch', undefined],
  ['mcp-tempo', undefined],
])('%s of PyPI: %s', (name, known) => {
  expect(lookAlikeOf('pypi', name)).toBe(known);
});

it('no known package is taken for another', () => {
  for (const name of knownNpm) expect(lookAlikeOf('npm', name), name).toBeUndefined();
  for (const name of knownPypi) expect(lookAlikeOf('pypi', name), name).toBeUndefined();
});
