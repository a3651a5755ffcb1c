/** The tools a model may be offered: those that the caller itself may use, and no others. */
import type { Principal } from '../../companies/principal.ts';
import { fittingDomains } from '../../gateway/library/query-context.ts';
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

/** What one domain of the house offers, the built-in one too. */
export interface DomainOffer {
  readonly domain: string;
  /** The server's, for people. */
  readonly name: string;
  readonly capabilities: readonly string[];
  /** 1–999, lower is preferred. */
  readonly priority: number;
  readonly tools: readonly Omit<OfferedTool, 'domain'>[];
}

export interface ToolBoxParts {
  readonly mounting: Pick<Mounting, 'toolsOf' | 'stateOf' | 'call'>;
  /** @throws HubError (`servidor_desconhecido`) */
  readonly serverOf: (id: string) => Pick<ServerRecord, 'domain' | 'status'>;
  /** Undefined for a domain that no deployed server has. */
  readonly serverAt: (domain: string) => Pick<ServerRecord, 'env'> | undefined;
  /** Everything that answers now. */
  readonly offers: () => readonly DomainOffer[];
}

export interface ToolBox {
  /** @throws HubError for a server that is not there, or not ready */
  ofServer(id: string, principal: Principal): readonly OfferedTool[];
  /** Of the domains that share a word with the text, best priority first; of all of them when none does, or without a text. */
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
      const described = all.map(({ domain, name, capabilities, tools }) => ({
        name,
        config: { domains: [domain], capabilities },
        offer: { tools, resources: [] },
      }));
      const domains = new Set(fittingDomains(text ?? '', described));
      const tools = all
        .filter(({ domain }) => domains.has(domain))
        .toSorted((a, b) => a.priority - b.priority || (a.domain < b.domain ? -1 : 1))
        .flatMap(({ domain, tools: own }) => own.map((tool) => ({ ...tool, domain })));
      // Two servers of one domain offer the same tool under one name: the gateway chooses between them.
      return allowed(
        [...new Map(tools.toReversed().map((tool) => [tool.name, tool])).values()].toReversed(),
        principal,
      );
    },
    // A mounted name begins with its domain, which holds no "_".
    envOf: (name) => serverAt(name.split('__', 1)[0] ?? '')?.env ?? {},
    call: (name, args, context) => mounting.call(name, args, context),
  };
}

function allowed(tools: readonly OfferedTool[], principal: Principal): readonly OfferedTool[] {
  return tools.filter(({ name, readOnly }) => principal.canCall({ name, readOnly }));
}
