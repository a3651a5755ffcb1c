import { matchesToolGlob } from '../../access/tool-glob.ts';
import type { UpstreamConfig } from './gateway-config.ts';

/** Whether the operator lets this tool of the server (by its own name) be offered; `exclude` wins over `include`. */
export function isOffered({ tools }: Pick<UpstreamConfig, 'tools'>, tool: string): boolean {
  const fits = (glob: string) => matchesToolGlob(tool, glob);
  return tools.include.some(fits) && !tools.exclude.some(fits);
}
