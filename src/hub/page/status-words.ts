import type { ServerWithHealth } from '../servers/server-record.ts';

export const STATUS: Readonly<Record<ServerWithHealth['status'], string>> = {
  planned: 'planejado',
  starting: 'iniciando',
  deployed: 'no ar',
  failed: 'falhou',
  stopped: 'parado',
};

/** What stands beside the status, and how it looks. */
export function healthOf({ status, health }: ServerWithHealth): { readonly text: string; readonly mood: string } {
  if (status === 'deployed') {
    if (health.unknown === true)
      return { text: `saúde desconhecida: ${health.detail ?? 'sem resposta'}`, mood: 'busy' };
    return health.healthy
      ? { text: 'saudável', mood: 'good' }
      : { text: `com problema: ${health.detail ?? 'não responde'}`, mood: 'bad' };
  }
  if (status === 'starting') return { text: 'ainda não responde', mood: 'busy' };
  return status === 'failed' ? { text: 'não responde', mood: 'bad' } : { text: 'não está em execução', mood: 'idle' };
}
