import cliProgress from 'cli-progress';

/** A stream for people; only a terminal gets a bar. */
export type TextOutput = NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };

export interface ProgressBar {
  start(total: number): void;
  advance(): void;
  stop(): void;
}

/** A bar on a terminal; nothing at all elsewhere, so that logs and pipes stay clean. */
export function createProgressBar(output: TextOutput): ProgressBar {
  if (output.isTTY !== true) return { start() {}, advance() {}, stop() {} };
  const bar = new cliProgress.SingleBar({
    stream: output,
    format: 'Consultando empresas [{bar}] {value}/{total}',
    barsize: 40,
    clearOnComplete: true,
    hideCursor: true,
    // Signals belong to the command, which closes the connection before it stops the bar.
    gracefulExit: false,
  });
  return {
    start: (total) => bar.start(total, 0),
    advance: () => bar.increment(),
    stop: () => bar.stop(),
  };
}
