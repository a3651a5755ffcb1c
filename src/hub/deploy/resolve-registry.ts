/** A name in the official MCP registry: its packages, each as one pinned source, in the order of the entry. */
import { plainText } from '../discovery/plain-text.ts';
import { HubError } from '../problem.ts';
import { offerOf } from '../registry/package-offer.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { argumentsOf, type RegistryPackage, type RegistryServer, wantedBy } from '../registry/server-json.ts';
import type { AskNpmRegistries } from '../runners/npm-registries.ts';
import { argumentProblems } from '../safety/arguments.ts';
import type { Resolved, SourceResolver } from './asked.ts';
import { sourceText } from './source.ts';

export interface RegistryResolverParts {
  readonly client: RegistryClient;
  readonly npmRegistries: AskNpmRegistries;
}

export function registryResolver({ client, npmRegistries }: RegistryResolverParts): SourceResolver {
  return {
    kind: 'registry',
    async resolve(asked, signal) {
      if (asked.kind !== 'registry') throw new TypeError('not a name of the registry');
      const entry = await client.read(asked.name, asked.version, signal);
      const { server, said } = entry;
      if (said?.status !== undefined && !['active', 'deprecated'].includes(said.status)) {
        throw new HubError('fonte_desconhecida', `${server.name} foi retirado do registro MCP.`, {
          hint: 'O registro retira o que é malicioso ou foi publicado por engano: escolha outro.',
        });
      }
      const { own, standard } = await npmRegistries(signal);
      const resolved: Resolved[] = [];
      const refusals: string[] = [];
      for (const one of entry.packages) {
        const offer = offerOf(one, [own, standard]);
        if ('source' in offer) {
          const why = `Registro MCP: ${server.name}${server.version === undefined ? '' : ` ${plainText(server.version, 100)}`} é ${sourceText(offer.source)}.`;
          resolved.push({ ...offer, why: [why], wanted: wantedBy(one), ...notesOn(entry, one) });
        } else refusals.push(offer.refused);
      }
      const [first, ...others] = resolved;
      if (first === undefined) throw nothingToRun(entry, refusals);
      return { ...first, others };
    },
  };
}

function notesOn({ said }: RegistryServer, one: RegistryPackage): Pick<Resolved, 'args' | 'publishedAt' | 'warnings'> {
  const { args, open } = argumentsOf(one);
  const isSafe = argumentProblems(args, () => false).length === 0;
  const publishedAt = said?.publishedAt;
  const message = said?.statusMessage === undefined ? '' : ` Ele diz: ${plainText(said.statusMessage, 200)}`;
  return {
    ...(isSafe && open.length === 0 ? { args } : {}),
    ...(publishedAt === undefined || Number.isNaN(Date.parse(publishedAt)) ? {} : { publishedAt }),
    warnings: [
      ...(said?.status === 'deprecated'
        ? [`O autor marcou este servidor como obsoleto no registro MCP.${message}`]
        : []),
      ...(open.length > 0
        ? [`Ele pede argumentos que só quem o usa conhece (${open.join(', ')}): dê-os em args.`]
        : []),
      ...(isSafe ? [] : ['Os argumentos que o registro traz não são aceitos e foram deixados de fora.']),
    ],
  };
}

function nothingToRun({ server, packages, remotes }: RegistryServer, refusals: readonly string[]): HubError {
  const [remote] = remotes;
  if (packages.length === 0 && remote !== undefined) {
    return new HubError('sem_executor', `${server.name} não se implanta: já está no ar, na internet.`, {
      hint: `Monte-o em GATEWAY_CONFIG, com transport ${remote.type === 'sse' ? 'sse' : 'http'} e url ${plainText(remote.url, 300)}`,
    });
  }
  const why = refusals.length === 0 ? 'não publica nenhum pacote' : [...new Set(refusals)].join('; ');
  return new HubError('sem_executor', `${server.name} não tem pacote que o hub execute: ${why}.`, {
    hint: 'São executados pacotes npm e PyPI com versão exata, por stdio, e imagens com tag, por stdio ou numa porta.',
  });
}
