/** What the system says of a port that cannot be had, e.g. `EADDRINUSE`; undefined for other errors. */
export function portProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return error.syscall === 'listen' || error.syscall === 'getaddrinfo' ? String(error.code) : undefined;
}
