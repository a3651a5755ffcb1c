// What the configuration schema says of one setting, for installers that ask for it.
import { type EnvironmentName, environmentSchema, secretNames } from '../src/config/environment.ts';

export interface SettingFacts {
  readonly name: EnvironmentName;
  readonly description: string;
  /** The value when nothing is set; undefined when there is none. */
  readonly standard: string | boolean | undefined;
  readonly secret: boolean;
}

export function settingFacts(name: EnvironmentName): SettingFacts {
  const schema = environmentSchema.shape[name];
  const parsed = schema.safeParse(undefined);
  const value = parsed.success ? parsed.data : undefined;
  return {
    name,
    description: schema.description ?? '',
    standard: typeof value === 'boolean' || value === undefined ? value : String(value),
    secret: secretNames.includes(name),
  };
}
