/** One HTTP request, from the path to the answer: web server manners first, then credentials, limits, faults, the call. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findCall, isService } from './calls/catalog.ts';
import { contextFor, type SimulatedCall } from './calls/define-call.ts';
import type { SimulatorClock } from './clock.ts';
import { canonical, type Envelope, parseEnvelope, singleParameter } from './envelope.ts';
import { type Exchange, htmlHeaders, jsonHeaders, send } from './faults/exchange.ts';
import type { FaultPlan } from './faults/plan.ts';
import { doomedSockets } from './faults/sockets.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { LimitGate, Ticket } from './limits.ts';
import type { SimulatedCompany } from './model.ts';
import { accessRefused, OmieFault, unknownMethod } from './omie-fault.ts';
import { referencePage, statusPage, wsdl } from './pages-html.ts';
import type { Quirks } from './quirks.ts';
import type { Store } from './store.ts';
import { toJson, type WireObject } from './wire.ts';

export interface HandlerParts {
  store: Store;
  gate: LimitGate;
  faults: FaultPlan;
  journal: Journal;
  clock: SimulatorClock;
  quirks: Quirks;
  latencyMs: number;
}

const ROOT = '/api/v1/';
const MAX_BODY_BYTES = 4_194_304;

type MutableEntry = { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] };

export function createRequestHandler(
  parts: HandlerParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    response.on('error', () => request.socket.destroy());
    if (doomedSockets.has(request.socket)) {
      request.socket.resetAndDestroy();
      return;
    }
    void serve(request, response, parts);
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: HandlerParts): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://omie');
  const record: MutableEntry = {
    at: parts.clock.now(),
    path: pathname,
    appKey: undefined,
    companyId: undefined,
    call: undefined,
    param: undefined,
    outcome: 'html',
    faultcode: undefined,
    status: undefined,
    inFlight: 0,
    abandoned: false,
  };
  response.once('close', () => {
    record.abandoned = !response.writableFinished;
  });
  const html = (status: number, body: string): void => send(response, status, htmlHeaders, body);
  try {
    if (!pathname.endsWith('/')) {
      // Naive clients turn the POST into a GET here and receive the reference page.
      record.outcome = 'redirect';
      response.setHeader('location', `${pathname}/`);
      return html(301, statusPage(301, 'Moved Permanently'));
    }
    const service = pathname.slice(ROOT.length, -1);
    if (!pathname.startsWith(ROOT) || !isService(service)) return html(404, statusPage(404, 'Not Found'));
    if (request.method === 'GET') {
      const soap = [...searchParams.keys()].some((key) => key.toLowerCase() === 'wsdl');
      return soap
        ? send(response, 200, { 'content-type': 'text/xml' }, wsdl(service))
        : html(200, referencePage(service));
    }
    if (request.method !== 'POST') return html(405, statusPage(405, 'Not Allowed'));
    const body = await readBody(request);
    if (body === undefined) return html(413, statusPage(413, 'Request Entity Too Large'));
    await serveCall(service, body, request, response, record, parts);
  } catch (error) {
    // Whatever gets here is a defect of the simulator, or a socket that went away.
    record.outcome = response.destroyed ? 'gone' : 'bug';
    if (!response.headersSent)
      send(
        response,
        500,
        { 'content-type': 'text/plain' },
        error instanceof Error ? (error.stack ?? error.message) : 'bug',
      );
    else request.socket.destroy();
  } finally {
    if (response.headersSent) record.status = response.statusCode;
    parts.journal.add(record);
  }
}

async function serveCall(
  service: string,
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
  record: MutableEntry,
  parts: HandlerParts,
): Promise<void> {
  const { gate, quirks, faults, latencyMs } = parts;
  const ip = request.socket.remoteAddress ?? '';
  let ticket: Ticket | undefined;
  try {
    gate.admitAddress(ip);
    const envelope = parseEnvelope(body);
    Object.assign(record, { call: envelope.call, appKey: envelope.appKey, param: firstOf(envelope.param) });
    const profile = authenticate(envelope, parts);
    record.companyId = profile.id;
    const call = findCall(service, envelope.call);
    if (!call) throw unknownMethod(envelope.call);
    ticket = gate.enter({
      ip,
      appKey: profile.appKey,
      call: call.name,
      read: call.read,
      query: canonical(envelope.param),
    });
    record.inFlight = ticket.inFlight;
    const exchange = openExchange(call, profile, envelope, request, response, parts);
    if (latencyMs > 0) await exchange.sleep(latencyMs);
    const fault = faults.take(call.name, profile.id);
    if (fault) {
      record.outcome = fault.kind;
      await fault.act(exchange);
      ticket.leave(quirks.lostAnswerIsConsumed && exchange.ran ? undefined : 'broken');
      return;
    }
    const answer = exchange.answer();
    record.outcome = 'ok';
    ticket.leave(undefined);
    send(response, 200, jsonHeaders, toJson(answer));
  } catch (error) {
    if (!(error instanceof OmieFault)) {
      ticket?.leave('broken');
      throw error;
    }
    ticket?.leave(error);
    record.outcome = error.faultClass;
    record.faultcode = error.faultcode;
    refuse(response, error, quirks);
  }
}

function openExchange(
  call: SimulatedCall,
  profile: SimulatedCompany,
  envelope: Envelope,
  request: IncomingMessage,
  response: ServerResponse,
  { store, clock, quirks }: HandlerParts,
): Exchange & { readonly ran: boolean } {
  let ran = false;
  return {
    request,
    response,
    get ran() {
      return ran;
    },
    get page() {
      const parameter = singleParameter(envelope.param);
      return Number(parameter['pagina'] ?? parameter['nPagina'] ?? 1);
    },
    answer: (replaced = {}): WireObject => {
      ran = true;
      const parameter = { ...singleParameter(envelope.param), ...replaced };
      return call.handle(parameter, contextFor(store.company(profile.id), clock.now(), quirks));
    },
    refuse: (fault) => refuse(response, fault, quirks),
    // The simulator closes by cutting its connections, which ends every sleep too.
    sleep: (ms) =>
      new Promise((resolve) => {
        if (response.closed) return resolve();
        const timer = setTimeout(wake, ms);
        response.once('close', wake);
        function wake(): void {
          clearTimeout(timer);
          response.off('close', wake);
          resolve();
        }
      }),
  };
}

function authenticate({ appKey, appSecret }: Envelope, { store, quirks }: HandlerParts): SimulatedCompany {
  const profile = store.findByKey(appKey);
  if (!profile) throw accessRefused('Server-403');
  if (profile.appSecret !== appSecret) throw accessRefused(quirks.wrongSecretFault);
  return profile;
}

function refuse(response: ServerResponse, fault: OmieFault, quirks: Quirks): void {
  const status = fault.status ?? quirks.faultHttpStatus;
  // The rate refusal comes from the web server in front, not from the API.
  if (fault.faultClass === 'RATE') send(response, status, htmlHeaders, statusPage(status, fault.message));
  else send(response, status, jsonHeaders, toJson(fault.body));
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const firstOf = (param: unknown): unknown => (Array.isArray(param) ? param[0] : param);
