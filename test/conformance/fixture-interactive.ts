import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  MissingRequiredClientCapabilityError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { isFields } from '../../src/protocol/json-rpc.ts';
import type { InteractiveTools } from '../../src/server/interactive-tools.ts';
import { DEFAULTS_FORM, ENUMS_FORM, imageBlock, text, textResource, WAV } from './fixture-content.ts';

type Tool = (args: unknown, context: ServerContext) => Promise<CallToolResult | InputRequiredResult>;

const states = createRequestStateCodec<{ step: number }>({ key: 'a key for the conformance fixture only' });

const askName = () =>
  inputRequired.elicit({ message: 'What is your name?', requestedSchema: z.object({ name: z.string() }) });
const askConfirmation = () =>
  inputRequired.elicit({ message: 'Please confirm', requestedSchema: z.object({ ok: z.boolean() }) });
const askModel = (prompt: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens });

const argument = (args: unknown, name: string): string => String(Reflect.get(Object(args), name) ?? '');
const has = (context: ServerContext, key: string): boolean =>
  inputResponse(context.mcpReq.inputResponses, key).kind !== 'missing';
function declares(context: ServerContext, capability: string): boolean {
  const declared: unknown = Reflect.get(context.mcpReq.envelope ?? {}, CLIENT_CAPABILITIES_META_KEY);
  return isFields(declared) && declared[capability] !== undefined;
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function confirmWithState(context: ServerContext): Promise<CallToolResult | InputRequiredResult> {
  if (has(context, 'confirm') && context.mcpReq.requestState() !== undefined) return text('state-ok');
  return inputRequired({ inputRequests: { confirm: askConfirmation() }, requestState: await states.mint({ step: 1 }) });
}

async function rounds(context: ServerContext): Promise<CallToolResult | InputRequiredResult> {
  const step = context.mcpReq.requestState<{ step: number }>()?.step ?? 0;
  if (step === 2 && has(context, 'step2')) return text('All rounds completed');
  const next = step === 1 && has(context, 'step1') ? 2 : 1;
  const ask =
    next === 1
      ? inputRequired.elicit({
          message: 'Step 1: What is your name?',
          requestedSchema: z.object({ name: z.string() }),
        })
      : inputRequired.elicit({
          message: 'Step 2: What is your favorite color?',
          requestedSchema: z.object({ color: z.string() }),
        });
  return inputRequired({ inputRequests: { [`step${next}`]: ask }, requestState: await states.mint({ step: next }) });
}

async function onlyWhatIsDeclared(context: ServerContext): Promise<CallToolResult | InputRequiredResult> {
  const inputRequests = {
    ...(declares(context, 'sampling') ? { model: askModel('Hello') } : {}),
    ...(declares(context, 'elicitation') ? { person: askName() } : {}),
  };
  return Object.keys(inputRequests).length === 0 ? text('nothing to ask') : inputRequired({ inputRequests });
}

/** Written once for both eras, as the SDK wants it: of clients with `initialize` it asks in the middle of the call. */
async function elicit(
  context: ServerContext,
  message: string,
  properties: object,
): Promise<CallToolResult | InputRequiredResult> {
  const given = inputResponse(context.mcpReq.inputResponses, 'form');
  if (given.kind !== 'elicit') {
    const form = { message, requestedSchema: { type: 'object' as const, properties: { ...properties } } };
    return inputRequired({ inputRequests: { form: inputRequired.elicit(form) } });
  }
  const { action, content } = given;
  return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

const TOOLS: Readonly<Record<string, Tool>> = {
  test_simple_text: async () => text('This is a simple text response for testing.'),
  test_image_content: async () => ({ content: [imageBlock] }),
  test_audio_content: async () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }),
  test_embedded_resource: async () => ({
    content: [textResource('test://embedded-resource', 'This is an embedded resource content.')],
  }),
  test_multiple_content_types: async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      imageBlock,
      textResource('test://mixed-content-resource', JSON.stringify({ test: 'data', value: 123 })),
    ],
  }),
  test_sampling: async (args, context) => {
    const prompt = argument(args, 'prompt');
    const given = inputResponse(context.mcpReq.inputResponses, 'model');
    if (given.kind !== 'sampling') return inputRequired({ inputRequests: { model: askModel(prompt) } });
    return text(`LLM response: ${JSON.stringify(given.result.content)}`);
  },
  test_elicitation: (args, context) =>
    elicit(context, argument(args, 'message'), { response: { type: 'string', description: "User's response" } }),
  test_elicitation_sep1034_defaults: (_args, context) => elicit(context, 'Please review the form', DEFAULTS_FORM),
  test_elicitation_sep1330_enums: (_args, context) => elicit(context, 'Please choose', ENUMS_FORM),
  test_reconnection: async (_args, context) => {
    context.http?.closeSSE?.();
    await pause(100);
    return text('Reconnection test completed successfully.');
  },
  test_missing_capability: async (_args, context) => {
    if (declares(context, 'sampling')) return text('declared');
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  },
  test_streaming_elicitation: async (_args, context) =>
    has(context, 'user_name') ? text('done') : inputRequired({ inputRequests: { user_name: askName() } }),
  test_input_required_result_elicitation: async (_args, context) =>
    has(context, 'user_name') ? text('Hello!') : inputRequired({ inputRequests: { user_name: askName() } }),
  test_input_required_result_sampling: async (_args, context) =>
    has(context, 'capital_question')
      ? text('Paris')
      : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?') } }),
  test_input_required_result_list_roots: async (_args, context) =>
    has(context, 'client_roots')
      ? text(JSON.stringify(context.mcpReq.inputResponses))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  test_input_required_result_request_state: (_args, context) => confirmWithState(context),
  test_input_required_result_tampered_state: (_args, context) => confirmWithState(context),
  test_input_required_result_multiple_inputs: async (_args, context) => {
    if (['user_name', 'greeting', 'client_roots'].every((key) => has(context, key))) return text('All inputs received');
    return inputRequired({
      inputRequests: {
        user_name: askName(),
        greeting: askModel('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ step: 1 }),
    });
  },
  test_input_required_result_multi_round: (_args, context) => rounds(context),
  test_input_required_result_capabilities: (_args, context) => onlyWhatIsDeclared(context),
};

export const INTERACTIVE_NAMES = Object.keys(TOOLS);

/** What the suite wants of tools that talk back or answer with other content than ours. */
export const interactiveFixtures: InteractiveTools = {
  has: (name) => Object.hasOwn(TOOLS, name),
  call: async (name, args, context) => {
    const tool = TOOLS[name];
    if (tool === undefined) throw new Error(`no fixture ${name}`);
    return tool(args, context);
  },
  getPrompt: (name, context) => {
    if (name !== 'test_input_required_result_prompt') return undefined;
    const ask = inputRequired.elicit({
      message: 'What context should the prompt use?',
      requestedSchema: z.object({ context: z.string() }),
    });
    if (!has(context, 'user_context')) return Promise.resolve(inputRequired({ inputRequests: { user_context: ask } }));
    return Promise.resolve({ messages: [{ role: 'user', content: { type: 'text', text: 'With context' } }] });
  },
  requestState: { verify: states.verify },
};
