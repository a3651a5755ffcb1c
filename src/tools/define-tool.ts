import { z } from 'zod';
import type { Company } from '../companies/company.ts';
import type { Principal, ToolRef } from '../companies/principal.ts';
import { UserInputError } from '../errors.ts';
import { ExactNumber } from '../protocol/exact-number.ts';
import type { CompanyServices } from './company-services.ts';
import { fieldSentence, TOO_LONG } from './field-sentence.ts';
import { toJsonSchema, withFailure } from './json-schema.ts';
import { lostKeys } from './lost-keys.ts';
import { companyId } from './params.ts';
import type { CallContext, JsonObject, OwnToolDescriptor } from './tool-source.ts';

/** What tools may ask of the process. A tool never sees a key, a socket or another company's services. */
export interface ToolServices {
  readonly directory: {
    /** @throws CompanyNotFoundError when the reference does not lead to exactly one company in scope. */
    resolve(reference: string, principal: Principal): Company;
    list(principal: Principal): readonly Company[];
  };
  /** The finance services of one resolved company. @throws CredentialError when its keys cannot be used. */
  forCompany(company: Company): Promise<CompanyServices>;
  /**
   * Reads the credentials file again. @throws ConfigurationError when it is bad; the last good set stays. Its problems
   * name companies, so only who sees all of them is told.
   */
  reloadCredentials(principal: Principal): Promise<{
    readonly disabled: readonly { readonly company: Company; readonly motivo: string }[];
  }>;
}

/** read: touches nothing. local: changes state of this process only, never Omie's. program: runs what others wrote. */
export type ToolEffect = 'read' | 'local' | 'program';

export interface DefinedTool {
  readonly descriptor: OwnToolDescriptor;
  readonly effect: ToolEffect;
  readonly output: z.ZodObject;
  /** For whoever administers the hub; there is no such tool for anybody else. */
  readonly adminOnly?: boolean | undefined;
  /** Parses the arguments and runs the tool. Throws `AppError`s; the one door turns them into results. */
  invoke(args: unknown, services: ToolServices, context: CallContext): Promise<JsonObject>;
}

/** A tool as principals are asked about it. */
export function toolRef({ descriptor, effect }: DefinedTool): ToolRef {
  return { name: descriptor.name, readOnly: effect === 'read' };
}

interface ToolTexts {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: ToolEffect;
  readonly adminOnly?: boolean;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> extends ToolTexts {
  readonly input: Input;
  readonly output: Output;
  run(
    args: z.output<Input>,
    call: { services: ToolServices; context: CallContext },
  ): Promise<z.output<Output> & JsonObject>;
}

/** A tool over everything the caller may see. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ToolDefinition<Input, Output>,
): DefinedTool {
  return {
    descriptor: describe(tool, tool.input, tool.output),
    effect: tool.effect,
    adminOnly: tool.adminOnly,
    output: tool.output,
    async invoke(args, services, context) {
      return tool.run(parseArguments(tool.input, asObject(args ?? {})), { services, context });
    },
  };
}

interface CompanyToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> extends ToolTexts {
  /** The arguments besides `company_id`. */
  readonly input: Input;
  readonly output: Output;
  run(
    args: z.output<Input>,
    call: { company: Company; services: CompanyServices; context: CallContext },
  ): Promise<z.output<Output> & JsonObject>;
}

/**
 * A tool about one company: `company_id` is resolved within the caller's scope before the tool sees anything.
 * `input` is a strict object of the other arguments.
 */
export function defineCompanyTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: CompanyToolDefinition<Input, Output>,
): DefinedTool {
  const input = z.strictObject({ company_id: companyId, ...tool.input.shape });
  return {
    descriptor: describe(tool, input, tool.output),
    effect: tool.effect,
    output: tool.output,
    async invoke(args, services, context) {
      const { company_id, ...others } = asObject(args ?? {});
      // Without a company nothing goes on: then all that is wrong is said at once, a misspelt company_id too.
      if (company_id === undefined) parseArguments(input, others);
      const reference = parseArguments(companyId, company_id, 'company_id');
      const parsed = parseArguments(tool.input, others);
      const company = services.directory.resolve(reference, context.principal);
      return tool.run(parsed, { company, services: await services.forCompany(company), context });
    },
  };
}

/** Nearly always an object already: only what is none is worth a schema's sentence. */
function asObject(args: unknown): Readonly<Record<string, unknown>> {
  return isObject(args) ? args : parseArguments(plainArguments, args, 'argumentos');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const plainArguments = z.record(z.string(), z.unknown(), { error: 'deve ser um objeto JSON' });

function describe(tool: ToolTexts, input: z.ZodType, output: z.ZodType): OwnToolDescriptor {
  const readOnly = tool.effect === 'read';
  const runsPrograms = tool.effect === 'program';
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toJsonSchema(input, 'input'),
    outputSchema: withFailure(toJsonSchema(output, 'output')),
    annotations: {
      title: tool.title,
      readOnlyHint: readOnly,
      destructiveHint: runsPrograms,
      idempotentHint: !runsPrograms,
      openWorldHint: readOnly || runsPrograms,
    },
  };
}

/** Arguments as the schema wants them, or one sentence that names every wrong argument. */
export function parseArguments<Schema extends z.ZodType>(schema: Schema, args: unknown, name = ''): z.output<Schema> {
  const lost = lostKeys(args);
  if (lost.length > 0) {
    const names = lost.map((path) => JSON.stringify(path)).join(', ');
    throw new UserInputError(`Argumentos inválidos: argumento desconhecido: ${names}.`);
  }
  const parsed = schema.safeParse(args, { error: fieldSentence });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => explainIssue(issue, args, name));
  throw new UserInputError(`Argumentos inválidos: ${[...new Set(problems)].join('; ')}.`, {
    hint: 'Corrija os argumentos citados; o inputSchema da ferramenta lista os aceitos.',
  });
}

function explainIssue(issue: z.core.$ZodIssue, args: unknown, name: string): string {
  if (issue.code === 'unrecognized_keys') {
    return `argumento desconhecido: ${issue.keys.map((key) => JSON.stringify(key.slice(0, 60))).join(', ')}`;
  }
  const path = [name, ...issue.path].filter((step) => step !== '').join('.');
  const message = holdsExactNumber(args, issue.path) ? TOO_LONG : issue.message;
  return path === '' ? message : `${path}: ${message}`;
}

function holdsExactNumber(args: unknown, path: readonly PropertyKey[]): boolean {
  const found = path.reduce<unknown>(
    (at, key) => (isObject(at) || Array.isArray(at) ? Reflect.get(at, key) : undefined),
    args,
  );
  return found instanceof ExactNumber;
}
