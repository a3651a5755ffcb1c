/** Processor time of this process so far, in milliseconds: what else the machine does does not show in it. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
