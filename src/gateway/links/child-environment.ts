import { ConfigurationError } from '../../errors.ts';

/** Variables that make a program load somebody's code before its own. */
const LOADERS = /^(?:LD_|DYLD_|NODE_OPTIONS$|PYTHONSTARTUP$|PERL5OPT$|RUBYOPT$|BASH_ENV$|GCONV_PATH$)/i;

/**
 * What a mounted server's process sees: the safe base and what its entry declares, nothing else of ours.
 *
 * @throws ConfigurationError when the entry declares a variable that would run code of somebody else's choosing.
 */
export function mountedEnvironment(
  base: Readonly<Record<string, string>>,
  declared: Readonly<Record<string, string>>,
): Record<string, string> {
  const refused = Object.keys(declared).filter((name) => LOADERS.test(name));
  if (refused.length > 0) {
    const problems = refused.map(
      (name) => `env.${name}: esta variável faz o programa carregar outro código antes do seu`,
    );
    throw new ConfigurationError(
      `Variáveis que um servidor montado não pode receber: ${refused.join(', ')}.`,
      problems,
    );
  }
  return { ...base, ...declared };
}
