import { z } from 'zod';

/** What one run of the load generator does; it crosses to its process as one JSON argument. */
export const loadSpecSchema = z.strictObject({
  transport: z.enum(['http', 'modern', 'sse', 'stdio']),
  /** Origin of the server, for all transports but stdio. */
  origin: z.string().default(''),
  /** Where the stream of SSE is. */
  streamPath: z.string().default('/sse'),
  /** argv of the server, for stdio: one process a session. */
  command: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** The bearer token that goes with each request. */
  token: z.string().optional(),
  method: z.enum(['tools/call', 'tools/list']),
  tool: z.string().default(''),
  /** Workers take these in turn; a single one is the same call again and again. */
  argumentSets: z.array(z.record(z.string(), z.json())).default([{}]),
  sessions: z.number().int().min(1),
  inFlight: z.number().int().min(1),
  /** Senders begin one after another over this time instead of all at once. */
  rampMs: z.number().min(0).default(0),
  warmUpMs: z.number().min(0),
  measureMs: z.number().min(0),
  /** Stop after this many calls (warm-up included) if that comes before the time is over. */
  maxCalls: z.number().int().default(Number.MAX_SAFE_INTEGER),
  /** Every answer's text must be this one; without it, just not empty. For tools/list: how many tools. */
  expectedText: z.string().optional(),
  expectedTools: z.number().int().optional(),
  /** Whether an answer to tools/call must have structured content. */
  structured: z.boolean().default(true),
  /** The process whose CPU time counts; stdio finds its own. */
  serverPid: z.number().int().optional(),
});

export type LoadSpec = z.input<typeof loadSpecSchema>;
export type CheckedLoadSpec = z.output<typeof loadSpecSchema>;

export const loadResultSchema = z.object({
  calls: z.number(),
  errors: z.number(),
  /** The first few different errors. */
  problems: z.array(z.string()),
  seconds: z.number(),
  callsPerSecond: z.number(),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** CPU time of the server's process, all its threads, per call; null where /proc does not tell. */
  cpuMicrosPerCall: z.number().nullable(),
  /** How busy the generator was, 0–1: near 1 it is the limit, and the true ratio is larger. */
  generatorBusy: z.number(),
});

export type LoadResult = z.output<typeof loadResultSchema>;
