import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../', import.meta.url));
export const serverEntry = `${repository}dist/main.js`;
export const reportFile = `${repository}docs/benchmarks.md`;
/** The bench as plain JavaScript: measured processes carry no loader. Below node_modules, so that imports resolve. */
export const compiled = `${repository}node_modules/.cache/omie-mcp-hub-bench/`;
export const compiledBench = (file: string): string => `${compiled}bench/${file}`;
