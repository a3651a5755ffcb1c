/** The tools a model may be offered: those that the caller itself may use, and no others. */
import type { Principal } from '../../companies/principal.ts';
import { type DescribedServer, fittingDomains } from '../../gateway/library/query-context.ts';
import type { CallContext, ToolDescriptor, ToolOutcome } from '../../tools/tool-source.ts';
import type { Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import type { ServerRecord } from '../servers/server-record.ts';

export interface OfferedTool {
  /** As every client calls it. */
  readonly name: string;
  readonly domain: string;
  /** Only what its annotations say with `readOnlyHint: true`. */
  readonly readOnly: boolean;
  readonly descriptor: ToolDescriptor;
}

/** What one server offers, the house itself too. */
export interface ServerOffer {
  /** Its domains, all of them, and the words by which it is told whether it fits. */
  readonly server: DescribedServer;
  /** 1–999, lower is preferred. */
  readonly priority: number;
  /** Under the names that every client calls them by: where several servers offer one, it is theirs together. */
  readonly tools: readonly OfferedTool[];
}

export interface ToolBoxParts {
  readonly mounting: Pick<Mounting, 'toolsOf' | 'stateOf' | 'call'>;
  /** @throws HubError (`servidor_desconhecido`) */
  readonly serverOf: (id: string) => Pick<ServerRecord, 'domain' | 'status'>;
  /** Undefined for a domain that no deployed server has. */
  readonly serverAt: (domain: string) => Pick<ServerRecord, 'env'> | undefined;
  /** Everything that answers now. */
  readonly offers: () => readonly ServerOffer[];
}

export interface ToolBox {
  /** @throws HubError for a server that is not there, or not ready */
  ofServer(id: string, principal: Principal): readonly OfferedTool[];
  /**
   * Of the servers of any domain that shares a word with the text, each once, best priority first; of all of them when
   * none does, or without a text.
   */
  fitting(text: string | undefined, principal: Principal): readonly OfferedTool[];
  /** What the server of a tool was given: none where the hub did not deploy it. */
  envOf(name: string): ServerRecord['env'];
  call(name: string, args: unknown, context: CallContext): Promise<ToolOutcome>;
}

export function createToolBox({ mounting, serverOf, serverAt, offers }: ToolBoxParts): ToolBox {
  return {
    ofServer(id, principal) {
      const { domain, status } = serverOf(id);
      if (mounting.stateOf(id)?.state !== 'connected') {
        throw new HubError('conflito_de_estado', `O servidor não está pronto (${status}).`, {
          hint: 'GET /api/servers/{id} diz por quê; POST /api/servers/{id}/start o inicia.',
        });
      }
      return allowed(
        mounting.toolsOf(id).map((tool) => ({ ...tool, domain })),
        principal,
      );
    },
    fitting(text, principal) {
      const all = offers();
      const fitting = new Set(
        fittingDomains(
          text ?? '',
          all.map(({ server }) => server),
        ),
      );
      const tools = new Map<string, OfferedTool>();
      for (const offer of all.toSorted(byPreference)) {
        if (!offer.server.config.domains.some((domain) => fitting.has(domain))) continue;
        // Two servers offer the same tool under one name: the gateway chooses between them.
        for (const tool of offer.tools) if (!tools.has(tool.name)) tools.set(tool.name, tool);
      }
      return allowed([...tools.values()], principal);
    },
    // A mounted name begins with its domain, which holds no "_".
    envOf: (name) => serverAt(name.split('__', 1)[0] ?? '')?.env ?? {},
    call: (name, args, context) => mounting.call(name, args, context),
  };
}

function byPreference(a: ServerOffer, b: ServerOffer): number {
  return a.priority - b.priority || (a.server.name < b.server.name ? -1 : 1);
}

function allowed(tools: readonly OfferedTool[], principal: Principal): readonly OfferedTool[] {
  return tools.filter(({ name, readOnly }) => principal.canCall({ name, readOnly }));
}
