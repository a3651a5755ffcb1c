import type { IncomingMessage } from 'node:http';

/** A header that may be given once; of several values the first counts. */
export function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The usual value is compared first; everything else is looked at closely. */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** As the specification and every SDK write it. */
const BOTH_FORMS = 'application/json, text/event-stream';

/** Both forms an answer can take must be welcome to the client ("Sending Messages to the Server", item 2). */
export function acceptsAnswers(accept: string | undefined): boolean {
  return accept === BOTH_FORMS || (accepts(accept, 'application/json') && accepts(accept, 'text/event-stream'));
}

export function acceptsEvents(accept: string | undefined): boolean {
  return accepts(accept, 'text/event-stream');
}

function accepts(accept: string | undefined, type: string): boolean {
  if (accept === undefined) return false;
  const value = accept.toLowerCase();
  return value.includes(type) || value.includes('*/*') || value.includes(`${type.slice(0, type.indexOf('/'))}/*`);
}
