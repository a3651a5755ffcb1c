import type { Company } from '../companies/company.ts';
import type { Principal } from '../companies/principal.ts';
import { UserInputError } from '../errors.ts';
import { shorten } from '../shorten.ts';
import { financialAnalysis, financialAnalysisMessages, parsePeriod } from './financial-analysis.ts';
import type { PromptSource } from './prompt-source.ts';
import { unknownPrompt } from './unknown-prompt.ts';

export interface PromptServices {
  resolve(reference: string, principal: Principal): Company;
  /** ISO date of today in São Paulo. */
  today(): string;
}

/** The prompts this server offers: one for now, listed explicitly. */
export function createPromptSource({ resolve, today }: PromptServices): PromptSource {
  const prompts = [financialAnalysis];
  return {
    list: () => prompts,
    async get(name, args, { principal }) {
      if (name !== financialAnalysis.name) throw unknownPrompt(name, prompts);
      const unknown = Object.keys(args).filter(
        (key) => !financialAnalysis.arguments.some((known) => known.name === key),
      );
      if (unknown.length > 0) throw new UserInputError(`Argumento desconhecido: ${shorten(unknown[0] ?? '', 60)}.`);
      const reference = args['company_id'];
      if (reference === undefined || reference.trim() === '') throw new UserInputError('company_id é obrigatório.');
      const period = parsePeriod(args['period']);
      const company = resolve(reference, principal);
      return {
        description: `${financialAnalysis.title}: ${company.nome}`,
        messages: financialAnalysisMessages(company, period, today()),
      };
    },
  };
}
