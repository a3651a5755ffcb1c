import type { Coordination } from '../coordination/coordination.ts';
import { companiesUri, dashboardUri } from '../resources/resource-catalog.ts';
import type { AnnouncingCatalog } from '../server/create-catalog.ts';
import type { Caller } from '../tools/tool-source.ts';
import type { OmieRooms } from './open-omie.ts';

/** Tells clients, and other replicas, that the set of companies or their keys are others now. */
export function announceCompanies(
  { credentials, omie }: OmieRooms,
  catalog: AnnouncingCatalog,
  sharing: Coordination,
): void {
  let heard = false;
  credentials.onChange(({ rekeyed, removed, companies }) => {
    for (const id of [...rekeyed, ...removed]) omie.forget(id);
    catalog.announce({ kind: 'resources' });
    catalog.announce({ kind: 'resource', uri: companiesUri });
    for (const company of companies) {
      const visibleTo = ({ principal }: Caller): boolean => principal.canSee(company);
      catalog.announce({ kind: 'resource', uri: dashboardUri(company.id), visibleTo });
    }
    if (!heard) sharing.announce('credentials');
  });
  // Another replica took a new set: read our own file too, and have the clients here look again whatever it holds.
  sharing.onAnnounced((topic) => {
    if (topic !== 'credentials') return;
    heard = true;
    // A bad file was reported and the last good set stays.
    credentials.reload().catch(() => {});
    heard = false;
    catalog.announce({ kind: 'resources' });
  });
}
