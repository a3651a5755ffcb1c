import type { Principal } from '../../companies/principal.ts';
import type { Caller, ToolDescriptor, ToolSource } from '../../tools/tool-source.ts';
import { isInScope, scopeKey } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { callToolDescriptor, callToolRef } from './call-tool.ts';
import type { Gateway } from './gateway.ts';
import type { MountTable } from './mount-table.ts';

/** A principal that goes through more scopes than this has its lists made anew. */
const MAX_SCOPES = 32;

const NONE: readonly ToolDescriptor[] = [];

interface Made {
  readonly table: MountTable;
  readonly own: readonly ToolDescriptor[];
  readonly list: readonly ToolDescriptor[];
}

export interface ToolListParts {
  readonly gateway: Gateway;
  readonly inner: ToolSource;
  readonly sessionTools: ToolSource;
}

/** What each principal sees in each scope: the same array while nothing changed, so that its text is made once. */
export class ToolLists {
  readonly #parts: ToolListParts;
  readonly #made = new WeakMap<Principal, Map<string, Made>>();

  constructor(parts: ToolListParts) {
    this.#parts = parts;
  }

  of(caller: Caller): readonly ToolDescriptor[] {
    const { gateway, inner, sessionTools } = this.#parts;
    const own = inner.list(caller);
    if (!gateway.active) return gateway.ownInScope(caller) ? own : NONE;
    const { principal } = caller;
    const scope = gateway.scopes.of(caller);
    const key = scopeKey(scope);
    const { table } = gateway;
    let scopes = this.#made.get(principal);
    const known = scopes?.get(key);
    if (known !== undefined && known.table === table && known.own === own) return known.list;
    const list = [
      ...sessionTools.list(caller),
      ...(principal.canCall(callToolRef) ? [callToolDescriptor] : []),
      ...(isInScope(scope, [OMIE_DOMAIN]) ? own : []),
      ...gateway.toolsFor(caller, scope).map(({ descriptor }) => descriptor),
    ];
    if (scopes === undefined || scopes.size >= MAX_SCOPES) {
      scopes = new Map();
      this.#made.set(principal, scopes);
    }
    scopes.set(key, { table, own, list });
    return list;
  }
}
