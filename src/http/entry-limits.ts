import { createClientAddress } from './client-address.ts';
import { HastyClients } from './hasty-clients.ts';
import { LoginGuard } from './login-guard.ts';
import { MemoryRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { createUsageLimits, type UsageLimits } from './usage-limits.ts';
import { WaitingLine } from './waiting-line.ts';

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
  readonly line?: WaitingLine;
  readonly hasty?: HastyClients;
}

/** What every HTTP request is held against before its route runs. */
export interface EntryLimits {
  readonly limits: UsageLimits;
  readonly logins: LoginGuard;
  readonly line: WaitingLine;
  readonly hasty: HastyClients;
}

export function createEntryLimits(options: EntryLimitOptions): EntryLimits {
  const { limiter = new MemoryRateLimiter(), perAddress, perPrincipal, failedLogins } = options;
  const clientAddress = createClientAddress(options.trustedProxies);
  return {
    limits: createUsageLimits({ limiter, clientAddress, perAddress, perPrincipal }),
    logins: new LoginGuard({ limiter, clientAddress, perMinute: failedLogins }),
    line: options.line ?? new WaitingLine(),
    hasty: options.hasty ?? new HastyClients(),
  };
}
