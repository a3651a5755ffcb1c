import { NotFoundError } from '../../src/errors.ts';
import type { Catalog, CatalogChange, PromptDescriptor, PromptMessage } from '../../src/server/catalog.ts';
import type { CallContext, JsonObject, ToolDescriptor, ToolOutcome } from '../../src/tools/tool-source.ts';
import { unknownTool } from '../integration/transports/sample-catalog.ts';
import { imageBlock, PNG, SCHEMA_2020_12, textResource } from './fixture-content.ts';
import { INTERACTIVE_NAMES } from './fixture-interactive.ts';

const ANNOTATIONS = {
  title: 'Fixture',
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const done = (result: string): ToolOutcome => ({ structured: { result }, isError: false });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function descriptor(name: string, inputSchema: JsonObject = { type: 'object', properties: {} }): ToolDescriptor {
  return {
    name,
    title: name,
    description: `Fixture ${name} of the conformance suite`,
    inputSchema,
    annotations: ANNOTATIONS,
  };
}

const string = { type: 'string' };
const TOOLS: readonly ToolDescriptor[] = [
  ...INTERACTIVE_NAMES.map((name) => descriptor(name)),
  descriptor('test_tool_with_logging'),
  descriptor('test_logging_tool'),
  descriptor('test_tool_with_progress'),
  descriptor('test_error_handling'),
  descriptor('json_schema_2020_12_tool', SCHEMA_2020_12),
  descriptor('test_trigger_tool_change'),
  descriptor('test_trigger_prompt_change'),
  descriptor('test_x_mcp_header', {
    type: 'object',
    properties: { region: { ...string, 'x-mcp-header': 'Region' }, query: string },
    required: ['region'],
  }),
];

/** What the suite asks of plain tools: these take the same fast lane as the product's. */
const CALLS: Readonly<
  Record<string, (context: CallContext, change: (change: CatalogChange) => void) => Promise<ToolOutcome>>
> = {
  test_tool_with_logging: (context) => logThrice(context),
  test_logging_tool: (context) => logThrice(context),
  test_tool_with_progress: async (context) => {
    for (const step of [0, 50, 100]) {
      context.progress(step, 100, `Completed step ${step} of 100`);
      await pause(50);
    }
    return done('progress reported');
  },
  test_error_handling: async () => ({
    structured: { error: 'This tool intentionally returns an error for testing' },
    isError: true,
  }),
  json_schema_2020_12_tool: async () => done('ok'),
  test_x_mcp_header: async () => done('ok'),
  test_trigger_tool_change: async (_context, change) => {
    change({ kind: 'tools' });
    return done('tools changed');
  },
  test_trigger_prompt_change: async (_context, change) => {
    change({ kind: 'prompts' });
    return done('prompts changed');
  },
};

async function logThrice(context: CallContext): Promise<ToolOutcome> {
  for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    context.log('info', line);
    await pause(50);
  }
  return done('Tool with logging executed successfully');
}

const argument = (name: string) => ({ name, description: name, required: true });
const prompt = (name: string, names: readonly string[] = []): PromptDescriptor => ({
  name,
  title: name,
  description: `Fixture ${name}`,
  arguments: names.map(argument),
});
const says = (content: JsonObject): PromptMessage => ({ role: 'user', content });

const PROMPTS: Readonly<Record<string, (args: Readonly<Record<string, string>>) => PromptMessage[]>> = {
  test_simple_prompt: () => [says({ type: 'text', text: 'This is a simple prompt for testing.' })],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [
    says({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  ],
  test_prompt_with_embedded_resource: ({ resourceUri = '' }) => [
    says(textResource(resourceUri, 'Embedded resource content for testing.')),
    says({ type: 'text', text: 'Please process the embedded resource above.' }),
  ],
  test_prompt_with_image: () => [says(imageBlock), says({ type: 'text', text: 'Please analyze the image above.' })],
};

const resource = (uri: string, mimeType: string) => ({
  uri,
  name: uri,
  title: uri,
  description: `Fixture ${uri}`,
  mimeType,
});

/** The catalog of the conformance suite: nothing of the product but its interfaces. */
export function createFixtureCatalog(): Catalog {
  const listeners = new Set<(change: CatalogChange) => void>();
  const publish = (change: CatalogChange): void => {
    for (const listener of listeners) listener(change);
  };
  return {
    serverInfo: { name: 'conformance-fixture', title: 'Conformance fixture', version: '1.0.0' },
    instructions: () => '',
    tools: {
      list: () => TOOLS,
      has: (name) => TOOLS.some((tool) => tool.name === name),
      call: async (name, _args, context) =>
        TOOLS.some((tool) => tool.name === name)
          ? ((await CALLS[name]?.(context, publish)) ?? done('ok'))
          : unknownTool(name),
    },
    resources: {
      list: () => [
        resource('test://static-text', 'text/plain'),
        resource('test://static-binary', 'image/png'),
        resource('test://watched-resource', 'text/plain'),
      ],
      templates: () => [
        { ...resource('', 'application/json'), uriTemplate: 'test://template/{id}/data', name: 'template' },
      ],
      read: async (uri) => {
        if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: PNG }] };
        const id = /^test:\/\/template\/(\w+)\/data$/.exec(uri)?.[1];
        if (id !== undefined)
          return {
            contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true }) }],
          };
        if (uri !== 'test://static-text' && uri !== 'test://watched-resource')
          throw new NotFoundError(`No resource ${uri}`);
        return {
          contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
        };
      },
    },
    prompts: {
      list: () => [
        prompt('test_simple_prompt'),
        prompt('test_prompt_with_arguments', ['arg1', 'arg2']),
        prompt('test_prompt_with_embedded_resource', ['resourceUri']),
        prompt('test_prompt_with_image'),
        prompt('test_input_required_result_prompt'),
      ],
      get: async (name, args) => {
        const messages = PROMPTS[name]?.(args);
        if (messages === undefined) throw new NotFoundError(`No prompt ${name}`);
        return { description: name, messages };
      },
    },
    complete: ({ argument: { value } }) => {
      const values = ['paris', 'park', 'party', 'test'].filter((word) => word.startsWith(value));
      return { values, total: values.length, hasMore: false };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
