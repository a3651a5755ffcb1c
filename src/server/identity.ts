import type { Catalog } from './catalog.ts';

/** Who we say we are, in every handshake and every answer of 2026-07-28. */
export function serverIdentity({ serverInfo }: Catalog): { name: string; title: string; version: string } {
  return { name: serverInfo.name, title: serverInfo.title, version: serverInfo.version };
}
