import { createClientAddress } from './client-address.ts';
import { LoadGauge } from './load-gauge.ts';
import { LoginGuard } from './login-guard.ts';
import { MemoryRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { createUsageLimits, type UsageLimits } from './usage-limits.ts';

export interface EntryLimitOptions {
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Requests a minute from one address; 0 for no limit. */
  readonly perAddress: number;
  /** Requests a minute of one principal without a limit of its own; 0 for no limit. */
  readonly perPrincipal: number;
  /** Bad tokens a minute from one address; 0 for no limit. */
  readonly failedLogins: number;
  /** Where counts are kept; this process's memory when none is given. */
  readonly limiter?: RateLimiter;
  /** Watches this process's event loop when none is given. */
  readonly load?: LoadGauge;
}

/** What every HTTP request is held against before its route runs. */
export interface EntryLimits {
  readonly limits: UsageLimits;
  readonly logins: LoginGuard;
  readonly load: LoadGauge;
}

export function createEntryLimits(options: EntryLimitOptions): EntryLimits {
  const { limiter = new MemoryRateLimiter(), perAddress, perPrincipal, failedLogins } = options;
  const clientAddress = createClientAddress(options.trustedProxies);
  return {
    limits: createUsageLimits({ limiter, clientAddress, perAddress, perPrincipal }),
    logins: new LoginGuard({ limiter, clientAddress, perMinute: failedLogins }),
    load: options.load ?? new LoadGauge(),
  };
}
