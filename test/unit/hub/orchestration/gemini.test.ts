import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageLimitError } from '../../../../src/errors.ts';
import { geminiProvider } from '../../../../src/hub/orchestration/gemini.ts';
import { forGemini, geminiFunctions } from '../../../../src/hub/orchestration/gemini-tools.ts';
import { MAX_ANSWER_BYTES } from '../../../../src/hub/orchestration/gemini-wire.ts';
import type { Conversation, Turn } from '../../../../src/hub/orchestration/model.ts';
import { HubError } from '../../../../src/hub/problem.ts';
import { Secret } from '../../../../src/logging/secret.ts';
import { exactJson } from '../../../../src/protocol/exact-number.ts';
import { type GeminiReply, GeminiServer, retryInfo } from '../../../support/gemini-server.ts';

const never = (): AbortSignal => new AbortController().signal;
const tool = {
  name: 'erp__saldo',
  description: 'Saldo.',
  inputSchema: { type: 'object', properties: { conta: { type: 'string', pattern: '^\\d+$' } } },
};
const asking = (more: Partial<Conversation> = {}): Conversation => ({
  system: 'Seja breve.',
  turns: [{ role: 'user', text: 'Qual o saldo?' }],
  tools: [tool],
  ...more,
});

let gemini: GeminiServer;
beforeAll(async () => {
  gemini = await GeminiServer.start();
});
afterAll(() => gemini.close());
beforeEach(() => {
  gemini.replies.length = 0;
  gemini.requests.length = 0;
  gemini.onBody = undefined;
});
const open = (more: { apiKey?: Secret; model?: string } = {}) =>
  geminiProvider({ apiKey: new Secret(gemini.key), baseUrl: gemini.url, model: gemini.model, ...more })();
const problemFor = async (reply: GeminiReply, hear?: (text: string) => void): Promise<unknown> => {
  gemini.replies.push(reply, reply);
  const model = await open();
  return model.next(asking(), never(), hear).catch((thrown: unknown) => thrown);
};

describe('a conversation with Gemini', () => {
  it.each([
    ['whole', undefined],
    ['streamed', []],
  ] as const)(
    'calls a tool, hands back its answer with the thought signature, and counts tokens: %s',
    async (_how, heard) => {
      const model = await open();
      const texts: string[] = [];
      const hear = heard === undefined ? undefined : (text: string) => texts.push(text);
      gemini.replies.push(
        {
          text: 'Vou ver.',
          calls: [
            { name: 'erp__saldo', args: { conta: '1' } },
            { name: 'erp__saldo', args: { conta: '2' }, id: 'g-7' },
          ],
          thoughts: 11,
        },
        { text: 'O saldo é 30.' },
      );
      const first = await model.next(asking(), never(), hear);
      expect(first).toMatchObject({
        text: 'Vou ver.',
        requests: [
          { name: 'erp__saldo', args: { conta: '1' } },
          { id: 'g-7', args: { conta: '2' } },
        ],
      });
      expect(first.tokens.output).toBeGreaterThan(11);
      const [one, two] = first.requests;
      const turns: Turn[] = [
        ...asking().turns,
        { role: 'model', ...first },
        { role: 'tool', id: one?.id ?? '', name: 'erp__saldo', result: '10', isError: false },
        { role: 'tool', id: two?.id ?? '', name: 'erp__saldo', result: 'sem acesso', isError: true },
      ];
      expect((await model.next(asking({ turns }), never(), hear)).text).toBe('O saldo é 30.');
      // The server refuses a lost signature and answers that are not as many as the calls.
      expect(gemini.requests[1]?.body.contents.at(-1)?.parts).toEqual([
        { functionResponse: { name: 'erp__saldo', response: { output: '10' } } },
        { functionResponse: { name: 'erp__saldo', response: { error: 'sem acesso' }, id: 'g-7' } },
      ]);
      expect(gemini.requests[0]?.method).toBe(heard === undefined ? 'generateContent' : 'streamGenerateContent');
      if (heard !== undefined) expect(texts.join('')).toBe('Vou ver.O saldo é 30.');
    },
  );

  it('asks once more after a call that was malformed, or an answer that is empty', async () => {
    gemini.replies.push({ finishReason: 'MALFORMED_FUNCTION_CALL' }, { text: 'Agora sim.' });
    expect(await (await open()).next(asking(), never())).toMatchObject({ text: 'Agora sim.', tokens: { output: 9 } });
    gemini.replies.push({}, { text: 'Sim.' });
    expect((await (await open()).next(asking(), never())).text).toBe('Sim.');
  });

  it.each([
    ['thoughts alone', { text: 'penso', thought: true }],
    ['blanks', { text: ' \n' }],
    ['code that nobody runs', { executableCode: { code: 'print(1)', language: 'PYTHON' } }],
  ])('an answer of %s is an empty one: the task is not done by it', async (_what, part) => {
    const raw = JSON.stringify({ candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP' }] });
    gemini.replies.push({ raw }, { text: 'Sim.' });
    expect((await (await open()).next(asking(), never())).text).toBe('Sim.');
    expect(await problemFor({ raw })).toMatchObject({ code: 'fonte_indisponivel' });
  });

  it('stops when the caller leaves', async () => {
    const leaving = new AbortController();
    gemini.replies.push(() => {
      leaving.abort();
      return { text: 'tarde demais' };
    });
    await expect((await open()).next(asking(), leaving.signal)).rejects.toMatchObject({ code: 'cancelado' });
  });
});

describe('what goes wrong', () => {
  it.each<[string, GeminiReply, object]>([
    [
      'a used-up quota',
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [retryInfo('58.2s')] } },
      { code: 'limite_de_uso', retryAfterMs: 58_200 },
    ],
    [
      'a bad request',
      { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'segredo do pedido' } },
      { code: 'pedido_recusado', message: 'O Gemini recusou o pedido (INVALID_ARGUMENT).' },
    ],
    ['an overloaded service', { error: { code: 503, status: 'UNAVAILABLE' } }, { code: 'fonte_indisponivel' }],
    [
      'a blocked prompt',
      { blockReason: 'SAFETY' },
      { code: 'pedido_recusado', message: 'O Gemini bloqueou o pedido (SAFETY).' },
    ],
    ['a blocked answer', { text: 'meio', finishReason: 'PROHIBITED_CONTENT' }, { code: 'pedido_recusado' }],
    [
      'half an answer',
      { text: 'O total é 1', finishReason: 'MAX_TOKENS' },
      { code: 'pedido_recusado', message: expect.stringContaining('pela metade') },
    ],
    ['malformed calls again and again', { finishReason: 'MALFORMED_FUNCTION_CALL' }, { code: 'fonte_indisponivel' }],
  ])('%s is a problem that says what to do', async (_what, reply, problem) => {
    const whole = await problemFor(reply);
    expect(whole).toMatchObject(problem);
    expect(await problemFor(reply, () => {})).toMatchObject(problem);
    if (!(whole instanceof UsageLimitError)) expect(whole).toMatchObject({ hint: expect.any(String) });
    expect(String(whole)).not.toContain('segredo');
  });

  it('a stream that ends in the middle is no answer', async () => {
    expect(await problemFor({ text: 'O saldo é 1000', cut: true }, () => {})).toMatchObject({
      code: 'fonte_indisponivel',
    });
  });

  it('says which setting is wrong: key, model, address', async () => {
    const next = async (more: Parameters<typeof open>[0]) => (await open(more)).next(asking(), never());
    await expect(next({ apiKey: new Secret('errada') })).rejects.toMatchObject({
      code: 'nao_configurado',
      hint: expect.stringContaining('GEMINI_API_KEY'),
    });
    await expect(next({ model: 'gemini-0' })).rejects.toMatchObject({
      code: 'nao_configurado',
      hint: expect.stringContaining('GEMINI_MODEL'),
    });
    const gone = geminiProvider({ apiKey: new Secret('x'), baseUrl: 'http://127.0.0.1:1', model: 'm' });
    await expect((await gone()).next(asking(), never())).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      hint: expect.stringContaining('GEMINI_BASE_URL'),
    });
  });

  it('without a key there is no model, and the problem says what to set', async () => {
    const missing = geminiProvider({ apiKey: undefined, model: 'm' })();
    await expect(missing).rejects.toBeInstanceOf(HubError);
    await expect(missing).rejects.toMatchObject({
      code: 'nao_configurado',
      hint: expect.stringContaining('GEMINI_API_KEY'),
    });
  });

  it('the key follows no redirect', async () => {
    const seen: unknown[] = [];
    const elsewhere = createServer((req, res) => {
      seen.push(req.headers['x-goog-api-key']);
      if (req.url === '/stolen') res.end('{}');
      else res.writeHead(307, { location: '/stolen' }).end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const model = await geminiProvider({ apiKey: new Secret('k'), baseUrl, model: 'm' })();
    await expect(model.next(asking(), never())).rejects.toMatchObject({ code: 'fonte_indisponivel' });
    expect(seen).toEqual(['k']);
    await new Promise((resolve) => elsewhere.close(resolve));
  });
});

describe('what Gemini writes', () => {
  const calling = (call: string, more = ''): string =>
    `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":${call},"thoughtSignature":"sig-1"}]},"finishReason":"STOP"}]${more}}`;
  const withArgs = (args: string): string => calling(`{"name":"erp__saldo","args":${args}}`);
  const streamed = [
    ['whole', undefined],
    ['streamed', () => {}],
  ] as const;

  it.each(streamed)('numbers that a double does not hold keep their digits, there and back: %s', async (_how, hear) => {
    const args =
      '{"id":12345678901234567890,"de":[{"v":0.10000000000000000001}],"n":1.5,"__proto__":{"x":9007199254740993}}';
    const bodies: string[] = [];
    gemini.replies.push({ raw: withArgs(args) }, { text: 'Pronto.' });
    gemini.onBody = (text) => bodies.push(text);
    const model = await open();
    const first = await model.next(asking(), never(), hear);
    expect(exactJson(first.requests[0]?.args)).toBe(args);
    const id = first.requests[0]?.id ?? '';
    const told: Turn = { role: 'tool', id, name: 'erp__saldo', result: '10', isError: false };
    await model.next(asking({ turns: [...asking().turns, { role: 'model', ...first }, told] }), never(), hear);
    expect(bodies[1]).toContain(`"args":${args}`);
  });

  const deep = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
  const many = `{"candidates":[{"content":{"parts":[${Array(101).fill('{"functionCall":{"name":"erp__saldo"}}').join(',')}]},"finishReason":"STOP"}]}`;
  const refused = [
    ['a name of an argument twice', withArgs('{"a":1,"a":2}')],
    ['a text as arguments', withArgs('"rm"')],
    ['a number as arguments', withArgs('5')],
    ['a list as arguments', withArgs('[1]')],
    ['null as arguments', withArgs('null')],
    ['arguments of 5000 levels', withArgs(deep)],
    ['arguments of 65 levels', withArgs(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)],
    ['a number as the name', calling('{"name":5,"args":{}}')],
    ['no name', calling('{"args":{}}')],
    ['no call', calling('null')],
    ['more calls at once than anybody needs', many],
    ['tokens in words', calling('{"name":"erp__saldo"}', ',"usageMetadata":{"promptTokenCount":"many"}')],
    ['parts that are none', '{"candidates":[{"content":{"parts":"x"},"finishReason":"STOP"}]}'],
    ['candidates that are none', '{"candidates":{"a":1}}'],
    ['no JSON', '<html>'],
    ['more than 10 MB', withArgs(`{"a":"${'x'.repeat(MAX_ANSWER_BYTES)}"}`)],
  ] as const;
  describe.each(streamed)('is refused, and no call made of it: %s', (_how, hear) => {
    it.each(refused)('%s', async (_what, raw) => {
      expect(await problemFor({ raw }, hear)).toMatchObject({ code: 'fonte_indisponivel' });
    });
  });

  // Its library parses these too: what stands in no event, and what comes with an error's status.
  it.each([
    ['in the place of events', 200, 'text/event-stream'],
    ['in an error', 500, 'application/json'],
  ])('what is nested without end is parsed by nobody: %s', async (_where, status, type) => {
    const nested = '['.repeat(100_000);
    const deepening = createServer((req, res) => {
      req.resume();
      res.writeHead(status, { 'content-type': type }).end(nested);
    });
    await new Promise<void>((resolve) => deepening.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(deepening.address() as AddressInfo).port}`;
    const model = await geminiProvider({ apiKey: new Secret('k'), baseUrl, model: 'm' })();
    const parse = vi.spyOn(JSON, 'parse');
    await expect(model.next(asking(), never(), () => {})).rejects.toMatchObject({ code: 'fonte_indisponivel' });
    expect(parse.mock.calls.filter(([text]) => text.startsWith('[[['))).toHaveLength(0);
    parse.mockRestore();
    deepening.closeAllConnections();
    await new Promise((resolve) => deepening.close(resolve));
  });

  it('arguments of 64 levels are none too deep', async () => {
    gemini.replies.push({ raw: withArgs(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`) });
    expect((await (await open()).next(asking(), never())).requests).toHaveLength(1);
  });

  it.each(streamed)('without an end is not read to its end: %s', async (_how, hear) => {
    let sent = 0;
    const endless = createServer((req, res) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = Buffer.alloc(1_048_576, 'x');
      const write = (): void => {
        while (!res.destroyed && sent < 200) {
          sent += 1;
          if (!res.write(chunk)) return void res.once('drain', write);
        }
        res.end();
      };
      write();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    const model = await geminiProvider({ apiKey: new Secret('k'), baseUrl, model: 'm' })();
    await expect(model.next(asking(), never(), hear)).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      message: expect.stringContaining('10 MB'),
    });
    expect(sent).toBeLessThan(100);
    endless.closeAllConnections();
    await new Promise((resolve) => endless.close(resolve));
  });
});

describe('tools as Gemini takes them', () => {
  it('keeps what it knows of JSON Schema and says the rest in words', () => {
    expect(
      forGemini({
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        definitions: { dia: { type: 'string', pattern: '^\\d{4}' } },
        properties: {
          de: { $ref: '#/definitions/dia', description: 'x' },
          tipo: { const: 'pago' },
          vivo: { enum: [true, null], description: 'Vivo?' },
          par: { type: 'array', items: [{ type: 'number', exclusiveMinimum: 0 }, true] },
          quem: { type: ['string', 'null'], maxLength: 9 },
          todos: {
            allOf: [
              { properties: { a: { type: 'integer' } }, required: ['a'] },
              { properties: { b: {} }, required: ['b'] },
            ],
          },
        },
        required: ['de'],
        additionalProperties: false,
        dependentRequired: { a: ['b'] },
      }),
    ).toEqual({
      $defs: { dia: { type: 'string', description: '(pattern: "^\\\\d{4}")' } },
      type: 'object',
      properties: {
        de: { $ref: '#/$defs/dia' },
        tipo: { enum: ['pago'] },
        vivo: { description: 'Vivo? (enum: [true,null])' },
        par: { type: 'array', prefixItems: [{ type: 'number', description: '(exclusiveMinimum: 0)' }, {}] },
        quem: { type: ['string', 'null'], description: '(maxLength: 9)' },
        todos: { properties: { a: { type: 'integer' }, b: {} }, required: ['a', 'b'] },
      },
      required: ['de'],
      additionalProperties: false,
    });
  });

  it('names that Gemini would refuse are told otherwise, and found again', () => {
    const { declarations, ownName, toldName } = geminiFunctions([
      { ...tool, name: '1 ação' },
      { ...tool, name: '1_ação' },
      tool,
    ]);
    const told = declarations.map(({ name }) => name);
    expect(told).toEqual(['_1_a__o', '_1_a__o_2', 'erp__saldo']);
    expect(told.map(ownName)).toEqual(['1 ação', '1_ação', 'erp__saldo']);
    expect(toldName('1_ação')).toBe('_1_a__o_2');
  });
});
