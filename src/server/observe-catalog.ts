import { asAppError } from '../errors.ts';
import { COMPLETE, PROMPTS_GET, RESOURCES_READ } from '../protocol/methods.ts';
import type { CallReport, ObserveCall } from '../tools/call-report.ts';
import type { CallContext } from '../tools/tool-source.ts';
import type { Catalog } from './catalog.ts';
import { listed } from './listed.ts';

export interface CatalogObserver {
  readonly observe: ObserveCall;
  /** The id of the company that a reference means, whoever may see it. */
  companiesOf(reference: string): readonly string[];
  /** The reference in the URI of a resource about one company. */
  companyInUri(uri: string): string | undefined;
  /** The URI as records may hold it: no company is named in it. */
  withoutCompany(uri: string): string;
}

/** What a call asked for: all of its report that is known before it runs. */
type Asked = Pick<CallReport, 'method' | 'target' | 'known' | 'companies' | 'args'>;

/** The same catalog, with every read of a resource, every prompt and every completion reported. Tools report themselves. */
export function observeCatalog<C extends Catalog>(catalog: C, observer: CatalogObserver): C {
  const { resources, prompts } = catalog;
  const { companiesOf, companyInUri, withoutCompany } = observer;
  const about = (reference: string | undefined): readonly string[] =>
    reference === undefined || reference === '' ? [] : companiesOf(reference);

  const report = (asked: Asked, context: CallContext, startedAt: number, outcome: string, rows?: number): void =>
    observer.observe({
      ...asked,
      door: context.door,
      principal: context.principal.id,
      requestId: context.requestId,
      outcome,
      durationMs: performance.now() - startedAt,
      rows,
    });

  const watched = async <T>(
    asked: Asked,
    context: CallContext,
    run: () => Promise<T>,
    rowsOf?: (answer: T) => number,
  ): Promise<T> => {
    const startedAt = performance.now();
    try {
      const answer = await run();
      report(asked, context, startedAt, 'ok', rowsOf?.(answer));
      return answer;
    } catch (thrown) {
      report(asked, context, startedAt, asAppError(thrown).code);
      throw thrown;
    }
  };

  return {
    ...catalog,
    resources: {
      ...resources,
      read: (uri, context) => {
        const reference = companyInUri(uri);
        const known = listed(
          () =>
            (reference !== undefined && resources.templates(context).length > 0) ||
            resources.list(context).some((resource) => resource.uri === uri),
        );
        const asked: Asked = {
          method: RESOURCES_READ,
          target: withoutCompany(uri),
          known,
          companies: about(reference),
          args: { uri },
        };
        return watched(asked, context, () => resources.read(uri, context));
      },
    },
    prompts: {
      ...prompts,
      get: (name, args, context) => {
        const asked: Asked = {
          method: PROMPTS_GET,
          target: name,
          known: listed(() => prompts.list(context).some((prompt) => prompt.name === name)),
          companies: about(args['company_id']),
          args,
        };
        return watched(asked, context, () => prompts.get(name, args, context));
      },
    },
    complete: (request, context) => {
      const { ref, argument } = request;
      const target = ref.type === 'ref/prompt' ? ref.name : withoutCompany(ref.uri);
      const known = listed(() =>
        ref.type === 'ref/prompt'
          ? prompts.list(context).some((prompt) => prompt.name === target)
          : resources.templates(context).some(({ uriTemplate }) => uriTemplate === ref.uri),
      );
      const companies = argument.name === 'company_id' ? about(argument.value) : [];
      const asked: Asked = { method: COMPLETE, target, known, companies, args: request };
      return watched(
        asked,
        context,
        async () => catalog.complete(request, context),
        ({ values }) => values.length,
      );
    },
  };
}
