export const transportNames = ['stdio', 'sse', 'http'] as const;
export type TransportName = (typeof transportNames)[number];

/** Whether a port has to be opened for them. */
export function speaksHttp(transports: readonly TransportName[]): boolean {
  return transports.includes('http') || transports.includes('sse');
}
