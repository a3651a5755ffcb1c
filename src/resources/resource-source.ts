import type { CallContext, Caller } from '../tools/tool-source.ts';

/** One resource as `resources/list` shows it. */
export interface ResourceDescriptor {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface ResourceTemplateDescriptor {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

export type ResourceContents =
  | { readonly uri: string; readonly mimeType: string; readonly text: string }
  | { readonly uri: string; readonly mimeType: string; readonly blob: string };

/** `read` throws `NotFoundError` for a URI that nobody serves, other `AppError`s for failures. */
export interface ResourceSource {
  list(caller: Caller): readonly ResourceDescriptor[];
  templates(caller: Caller): readonly ResourceTemplateDescriptor[];
  read(uri: string, context: CallContext): Promise<readonly ResourceContents[]>;
}
