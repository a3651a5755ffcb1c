import type { InputRequired } from '../tools/input-required.ts';
import type { CallContext, Caller } from '../tools/tool-source.ts';

/** One resource as `resources/list` shows it. */
export interface ResourceDescriptor {
  readonly uri: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

export interface ResourceTemplateDescriptor {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

export type ResourceContents =
  | { readonly uri: string; readonly mimeType?: string | undefined; readonly text: string }
  | { readonly uri: string; readonly mimeType?: string | undefined; readonly blob: string };

/** What a read brings: usually one piece. `_meta` says who served it, when that was a mounted server. */
export interface ResourceReading {
  readonly contents: readonly ResourceContents[];
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

/** Watches no longer; harmless when repeated. */
export type Unwatch = () => void;

/** `read` throws `NotFoundError` for a URI that nobody serves, other `AppError`s for failures. */
export interface ResourceSource {
  list(caller: Caller): readonly ResourceDescriptor[];
  templates(caller: Caller): readonly ResourceTemplateDescriptor[];
  read(uri: string, context: CallContext): Promise<ResourceReading | InputRequired>;
  /**
   * Sees to it that changes of the resource are heard of. Undefined where nothing has to be done for that.
   *
   * @throws AppError when the caller may not, or nobody tells of its changes
   */
  watch?(uri: string, caller: Caller): Promise<Unwatch | undefined>;
}
