/** What links over one shared line (stdio, HTTP+SSE) have in common: the conversation does the talking. */
import type { Conversation } from './conversation.ts';
import type { JsonObject, Link, LinkInfo, LinkRequestOptions, NotificationListener } from './link.ts';

export abstract class LineLink implements Link {
  abstract readonly closed: Promise<Error | undefined>;
  protected abstract readonly conversation: Conversation;
  protected agreed: LinkInfo | undefined;

  get info(): LinkInfo {
    if (this.agreed === undefined) throw new Error('The handshake is not over.');
    return this.agreed;
  }

  request(method: string, params: JsonObject, options: LinkRequestOptions): Promise<string> {
    return this.conversation.request(method, params, options);
  }

  notify(method: string, params?: JsonObject): void {
    this.conversation.notify(method, params);
  }

  onNotification(listener: NotificationListener): () => void {
    return this.conversation.listeners.add(listener);
  }

  abstract close(): Promise<void>;
}
