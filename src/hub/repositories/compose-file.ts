/**
 * A repository's Compose file, read down to the one service that can be the server. It is written by strangers and asks for
 * whatever it likes: what a container of ours is never given is not read at all, and is only told of.
 */
import { z } from 'zod';
import { readYaml } from '../../gateway/config/yaml-text.ts';

/** As Compose itself looks for them (compose-go, `DefaultFileNames`). */
export const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'] as const;

/** Portuguese, the rest of "… não serve: "; nothing of the file's own text is in it but names that were judged. */
export interface Refused {
  readonly refused: string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const serviceSchema = z.looseObject({
  build: z
    .union([
      z.string().transform((context) => ({ context, dockerfile: 'Dockerfile' })),
      z.looseObject({
        context: z.string().default('.'),
        dockerfile: z.string().default('Dockerfile'),
        target: z.string().optional(),
      }),
    ])
    .optional(),
  image: z.string().optional(),
  command: z.union([z.string(), z.array(scalar)]).nullish(),
  environment: z.union([z.array(z.string()), z.record(z.string(), scalar.nullable())]).nullish(),
  ports: z.array(z.union([scalar, z.looseObject({ target: scalar }).transform(({ target }) => target)])).nullish(),
  profiles: z.array(z.string()).nullish(),
});
export type ComposeService = z.output<typeof serviceSchema>;

export interface ChosenService {
  readonly name: string;
  readonly service: ComposeService;
  /** Names of those that are not started beside it. */
  readonly others: readonly string[];
}

const fileSchema = z.looseObject({ services: z.record(z.string(), z.unknown()) });
const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const MAX_SERVICES = 20;

/** The service that is the server: the only one, or of several the only one that is built here. */
export function serviceIn(text: string, file: string): ChosenService | Refused {
  const yaml = readYaml(Buffer.from(text), file);
  if ('problems' in yaml) return { refused: 'não é um YAML que se possa ler' };
  const parsed = fileSchema.safeParse(yaml.root);
  if (!parsed.success) return { refused: 'não declara serviços' };
  if ('include' in parsed.data) return { refused: 'inclui outros arquivos (include)' };
  const entries = Object.entries(parsed.data.services);
  if (entries.length > MAX_SERVICES) return { refused: `declara mais de ${MAX_SERVICES} serviços` };
  if (!entries.every(([name]) => SERVICE.test(name))) return { refused: 'tem um nome de serviço que não é aceito' };
  const services: { name: string; service: ComposeService }[] = [];
  for (const [name, value] of entries) {
    const service = serviceSchema.safeParse(value).data;
    if (service === undefined) return { refused: `o serviço ${name} está fora do formato` };
    // Compose starts those of a profile when it is asked for that profile alone.
    if ((service.profiles ?? []).length === 0) services.push({ name, service });
  }
  const built = services.filter(({ service }) => service.build !== undefined);
  const [chosen, ...more] = services.length === 1 ? services : built;
  if (chosen === undefined || more.length > 0) {
    const names = services.map(({ name }) => name).join(', ');
    return {
      refused:
        services.length === 0
          ? 'não declara nenhum serviço'
          : `declara vários serviços (${names}), e nenhum é o único construído ali`,
    };
  }
  return { ...chosen, others: services.map(({ name }) => name).filter((name) => name !== chosen.name) };
}
