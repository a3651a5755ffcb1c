import type { ServerCapabilities } from '@modelcontextprotocol/server';

/** What every connection is offered, in every era: lists may change after a reload, resources can be watched. */
export const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
} satisfies ServerCapabilities;
