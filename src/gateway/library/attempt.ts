import {
  AppError,
  NotFoundError,
  ConfigurationError as SettingsError,
  UpstreamUnavailableError,
} from '../../errors.ts';
import { GatherError } from '../resources/gather-failures.ts';
import { ConfigurationError, MCPConnectionError, NoMCPAvailableError, ResourceFetchError } from './errors.ts';

/** The house's errors in the library's words; a defect stays what it is. */
export async function attempt<T>(work: () => Promise<T>, context: Readonly<Record<string, unknown>> = {}): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof GatherError)
      throw new ResourceFetchError(thrown.message, { ...context, failures: thrown.failures }, thrown);
    if (thrown instanceof NotFoundError)
      throw new NoMCPAvailableError(thrown.message, { ...context, hint: thrown.hint }, thrown);
    if (thrown instanceof UpstreamUnavailableError)
      throw new MCPConnectionError(thrown.message, { ...context, hint: thrown.hint }, thrown);
    if (thrown instanceof SettingsError)
      throw new ConfigurationError(thrown.message, { ...context, problems: thrown.problems }, thrown);
    if (thrown instanceof AppError && thrown.code === 'configuracao_invalida')
      throw new ConfigurationError(thrown.message, context, thrown);
    throw thrown;
  }
}
