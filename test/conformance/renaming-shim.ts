/**
 * Stands between the conformance suite and the gateway and does nothing but rename: the suite asks for `test_simple_text`
 * and `test://static-text`, the gateway offers them as `fx__test_simple_text` and `fx+test://static-text`. Everything else
 * passes as it is, each event of a stream as soon as it is there.
 */
import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFields } from '../../src/protocol/json-rpc.ts';

const NAMED = new Set(['tools/call', 'prompts/get']);
/** Tools of the gateway itself, which have no prefix. */
const OWN = new Set(['list_domains', 'select_domain', 'get_session_status', 'find_tools', 'call_tool']);
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** @param target where the gateway serves one domain. @param domain its name */
export async function startRenamingShim(target: string, domain: string) {
  const renamed = {
    name: (name: unknown) => (typeof name === 'string' && !OWN.has(name) ? `${domain}__${name}` : name),
    uri: (uri: unknown) => (typeof uri === 'string' ? `${domain}+${uri}` : uri),
  };
  const inward = (body: unknown): unknown => {
    if (Array.isArray(body)) return body.map(inward);
    if (!isFields(body) || !isFields(body['params'])) return body;
    const { method, params } = body;
    const { name, uri, ref, notifications } = params;
    if (NAMED.has(String(method))) return { ...body, params: { ...params, name: renamed.name(name) } };
    if (String(method).startsWith('resources/') && uri !== undefined)
      return { ...body, params: { ...params, uri: renamed.uri(uri) } };
    if (isFields(ref)) {
      const moved = ref['uri'] === undefined ? { name: renamed.name(ref['name']) } : { uri: renamed.uri(ref['uri']) };
      return { ...body, params: { ...params, ref: { ...ref, ...moved } } };
    }
    if (isFields(notifications) && Array.isArray(notifications['resourceSubscriptions'])) {
      const resourceSubscriptions = notifications['resourceSubscriptions'].map(renamed.uri);
      return { ...body, params: { ...params, notifications: { ...notifications, resourceSubscriptions } } };
    }
    return body;
  };
  const outward = (text: string): string =>
    JSON.stringify(
      JSON.parse(text, (key, value: unknown) => {
        if (typeof value !== 'string') return value;
        if (key === 'name' && value.startsWith(`${domain}__`)) return value.slice(domain.length + 2);
        const isUri = key === 'uri' || key === 'uriTemplate' || /^\d+$/.test(key);
        return isUri && value.startsWith(`${domain}+`) ? value.slice(domain.length + 1) : value;
      }),
    );

  const headersIn = (headers: IncomingHttpHeaders, sent: unknown): IncomingHttpHeaders => {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
    const name = kept['mcp-name'];
    if (typeof name === 'string' && isFields(sent)) {
      const ofUri = sent['method'] === 'resources/read';
      // Whitespace around a value is no part of it; an encoded one must be renamed inside.
      const plain = /^=\?base64\?(.*)\?=$/.exec(name.trim())?.[1];
      const value = plain === undefined ? name.trim() : Buffer.from(plain, 'base64').toString();
      const moved = String(ofUri ? renamed.uri(value) : renamed.name(value));
      kept['mcp-name'] = plain === undefined ? moved : `=?base64?${Buffer.from(moved).toString('base64')}?=`;
    }
    return kept;
  };

  const answer = (res: ServerResponse, status: number, headers: IncomingHttpHeaders, body: string): void => {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
    res.writeHead(status, kept).end(body);
  };

  const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const sent = parsed(text);
      const body = sent === undefined ? text : JSON.stringify(inward(sent));
      const { method = 'GET', headers } = req;
      const onward = request(target, { method, headers: headersIn(headers, sent), setHost: false }, (reply) => {
        const status = reply.statusCode ?? 502;
        if (!reply.headers['content-type']?.startsWith('text/event-stream')) {
          const pieces: Buffer[] = [];
          reply.on('data', (piece: Buffer) => pieces.push(piece));
          reply.on('end', () => {
            const whole = Buffer.concat(pieces).toString();
            answer(res, status, reply.headers, parsed(whole) === undefined ? whole : outward(whole));
          });
          return;
        }
        res.writeHead(status, reply.headers).flushHeaders();
        let rest = '';
        reply.setEncoding('utf8').on('data', (piece: string) => {
          const lines = (rest + piece).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const data = /^data: (.+)$/.exec(line)?.[1];
            res.write(data === undefined ? `${line}\n` : `data: ${outward(data)}\n`);
          }
        });
        reply.on('end', () => res.end());
        reply.on('error', () => res.destroy());
      });
      onward.on('error', () => res.destroy());
      res.on('close', () => onward.destroy());
      onward.end(body === '' ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
