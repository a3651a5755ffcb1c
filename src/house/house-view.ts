import type { CredentialManager } from '../companies/credential-manager.ts';
import { packageVersion } from '../config/package-version.ts';
import type { HouseView } from '../hub/live/overview.ts';

export interface HouseViewParts {
  readonly credentials: Pick<CredentialManager, 'companies' | 'disabled' | 'stats' | 'status' | 'onChange'>;
  readonly replies: () => { readonly hits: number; readonly misses: number; readonly shared: number };
  readonly isDraining: () => boolean;
  /** All that keeps the house from its best, Portuguese. */
  readonly problems: () => readonly string[];
  readonly startedAt: Date;
}

/** What the hub's administrator is shown of the house: names and counts, no CNPJ and no key. */
export function createHouseView(parts: HouseViewParts): HouseView {
  const { credentials, replies, isDraining, problems, startedAt } = parts;
  return {
    onChange: (listener) => credentials.onChange(() => listener()),
    overview() {
      const reasons = [...problems()];
      const items = credentials.companies().map(({ id, nome, ambiente, grupos }) => ({
        id,
        nome,
        ambiente,
        grupos: [...grupos],
      }));
      const { hits, misses, evictions, cached_items, hit_rate } = credentials.stats();
      return {
        version: packageVersion(),
        status: isDraining() ? 'draining' : reasons.length === 0 ? 'ok' : 'degraded',
        reasons,
        started_at: startedAt.toISOString(),
        companies: {
          total: items.length,
          loaded_at: new Date(credentials.status().loadedAt).toISOString(),
          items,
          disabled: [...credentials.disabled()],
        },
        caches: { credentials: { hits, misses, evictions, cached_items, hit_rate }, replies: { ...replies() } },
      };
    },
  };
}
