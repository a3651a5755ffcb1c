/** Tools in quarantine, as callers hear of them: nobody hears of one that the caller could not see if it were offered. */
import type { Principal, ToolRef } from '../../companies/principal.ts';
import { QuarantinedError } from '../../errors.ts';
import { isInScope, type Scope } from '../domains/scope.ts';
import { mountedName } from '../naming/names.ts';
import type { HeldTool } from '../upstreams/screen.ts';
import type { MountedServer } from '../upstreams/upstream-registry.ts';

export interface HeldBack {
  readonly ref: ToolRef;
  readonly why: HeldTool['why'];
  /** Of the servers that hold it back. */
  readonly domains: readonly string[];
}

/** By mounted name, those that no other server offers instead. */
export function heldBack(
  servers: readonly MountedServer[],
  isMounted: (name: string) => boolean,
): ReadonlyMap<string, HeldBack> {
  const held = new Map<string, HeldBack>();
  for (const { config, held: tools } of servers) {
    const [domain] = config.domains;
    for (const { name: original, readOnly, why } of domain === undefined ? [] : tools) {
      const name = mountedName(domain, original);
      if (isMounted(name)) continue;
      const known = held.get(name);
      held.set(name, {
        ref: { name, readOnly: readOnly && known?.ref.readOnly !== false },
        why: known?.why === 'changed' ? 'changed' : why,
        domains: [...(known?.domains ?? []), ...config.domains],
      });
    }
  }
  return held;
}

/** Undefined for whoever would not see the tool if it were offered. */
export function quarantined(held: HeldBack, principal: Principal, scope: Scope): QuarantinedError | undefined {
  if (!principal.canCall(held.ref) || !isInScope(scope, held.domains)) return undefined;
  const { name } = held.ref;
  if (held.why === 'changed') {
    return new QuarantinedError(
      `A ferramenta ${name} está em quarentena: a descrição, o esquema ou as anotações dela mudaram no servidor desde que foi aprovada.`,
      {
        hint: 'Quem opera o gateway precisa ver o que mudou com "omie-mcp-hub gateway diff" e, se concordar, aprovar com "omie-mcp-hub gateway approve".',
      },
    );
  }
  return new QuarantinedError(
    `A ferramenta ${name} está em quarentena: ninguém a aprovou ainda, ou não foi possível conferi-la com o mcp.lock.`,
    {
      hint: 'Quem opera o gateway vê o motivo no log, em /mcp/status e com "omie-mcp-hub gateway list" e "omie-mcp-hub gateway diff".',
    },
  );
}
