/**
 * Packages of MCP servers that many people know by name: those whose names others imitate. Chosen by hand from what is often
 * named and downloaded; in November 2026 each stood in the lists of packages of its registry. It is no ranking, is not
 * complete, and says nothing of who makes a package or whether it is safe: a name that is like none of these may imitate
 * another one.
 */

/** npm names. */
export const knownNpm: readonly string[] = [
  '@modelcontextprotocol/inspector',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server-brave-search',
  '@modelcontextprotocol/server-everything',
  '@modelcontextprotocol/server-filesystem',
  '@modelcontextprotocol/server-gdrive',
  '@modelcontextprotocol/server-github',
  '@modelcontextprotocol/server-gitlab',
  '@modelcontextprotocol/server-google-maps',
  '@modelcontextprotocol/server-memory',
  '@modelcontextprotocol/server-postgres',
  '@modelcontextprotocol/server-puppeteer',
  '@modelcontextprotocol/server-redis',
  '@modelcontextprotocol/server-sequential-thinking',
  '@modelcontextprotocol/server-slack',
  '@apify/actors-mcp-server',
  '@azure/mcp',
  '@browserbasehq/mcp-server-browserbase',
  '@browsermcp/mcp',
  '@cloudflare/mcp-server-cloudflare',
  '@elastic/mcp-server-elasticsearch',
  '@executeautomation/playwright-mcp-server',
  '@heroku/mcp-server',
  '@hubspot/mcp-server',
  '@notionhq/notion-mcp-server',
  '@playwright/mcp',
  '@sentry/mcp-server',
  '@shopify/dev-mcp',
  '@stripe/mcp',
  '@supabase/mcp-server-supabase',
  '@upstash/context7-mcp',
  '@wonderwhy-er/desktop-commander',
  'chrome-devtools-mcp',
  'exa-mcp-server',
  'figma-developer-mcp',
  'firecrawl-mcp',
  'mcp-remote',
  'mongodb-mcp-server',
  'n8n-mcp',
  'supergateway',
  'tavily-mcp',
];

/** PyPI names. */
export const knownPypi: readonly string[] = [
  'fastmcp',
  'mcp',
  'mcp-server-fetch',
  'mcp-server-git',
  'mcp-server-qdrant',
  'mcp-server-sqlite',
  'mcp-server-time',
  'markitdown-mcp',
  'postgres-mcp',
];
