import { exactJson } from '../protocol/exact-number.ts';
import type { Era } from '../protocol/revisions.ts';
import type { JsonObject, ToolDescriptor } from '../tools/tool-source.ts';
import { resultClosing } from './result.ts';
import type { Scrub } from './server-parts.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * The text of a `tools/list` result, made once for each array of descriptors and era: a hundred tools cost a
 * millisecond to stringify and change only on a reload, which brings a new array.
 */
export class ToolListTexts {
  readonly #texts = new WeakMap<readonly ToolDescriptor[], Partial<Record<Era, string>>>();
  readonly #closings: Record<Era, string>;

  readonly #scrub: Scrub | undefined;

  constructor(serverInfo: JsonObject, scrub: Scrub | undefined) {
    this.#scrub = scrub;
    // Lists may differ between principals, so no shared cache may keep them (2026-07-28, "Caching").
    this.#closings = {
      legacy: resultClosing('legacy', serverInfo),
      modern: `,"ttlMs":0,"cacheScope":"private"${resultClosing('modern', serverInfo)}`,
    };
  }

  of(tools: readonly ToolDescriptor[], era: Era): string {
    let texts = this.#texts.get(tools);
    if (texts === undefined) {
      texts = {};
      this.#texts.set(tools, texts);
    }
    texts[era] ??= `{"tools":${withoutSecrets(exactJson(tools), this.#scrub)}${this.#closings[era]}`;
    return texts[era];
  }
}
