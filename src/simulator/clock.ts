/** The only source of time in the simulator: dates of the seed, statuses, rate windows and blocks all read it. */
export interface SimulatorClock {
  now(): Date;
  /** Puts the clock at an instant; it keeps ticking from there unless frozen. */
  set(instant: Date | string): void;
  advance(ms: number): void;
  /** Stops the ticking, for tests that assert exact countdowns. */
  freeze(): void;
  unfreeze(): void;
}

export interface ClockOptions {
  /** Where the clock starts; without it, the system's time. */
  at?: Date | string;
  frozen?: boolean;
}

export function createClock(options: ClockOptions = {}): SimulatorClock {
  let offsetMs = 0;
  let frozenAtMs: number | undefined;

  const nowMs = (): number => frozenAtMs ?? Date.now() + offsetMs;
  const moveTo = (ms: number): void => {
    if (frozenAtMs !== undefined) frozenAtMs = ms;
    else offsetMs = ms - Date.now();
  };

  const clock: SimulatorClock = {
    now: () => new Date(nowMs()),
    set: (instant) => moveTo(new Date(instant).getTime()),
    advance: (ms) => moveTo(nowMs() + ms),
    freeze: () => {
      frozenAtMs = nowMs();
    },
    unfreeze: () => {
      const ms = nowMs();
      frozenAtMs = undefined;
      moveTo(ms);
    },
  };

  // Frozen first: a millisecond may pass between the two, and the instant asked for is the one to keep.
  if (options.frozen) clock.freeze();
  if (options.at !== undefined) clock.set(options.at);
  return clock;
}
