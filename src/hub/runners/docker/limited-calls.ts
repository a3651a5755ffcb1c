import type Dockerode from 'dockerode';
import { timeLimit } from '../../../time-limit.ts';

/** For what is in the Engine's memory, and for what it does at once. */
const ANSWER_MS = 10_000;
/** For what takes it a while: ending a container, removing layers, asking a registry. */
const WORK_MS = 30_000;
const NEVER = new AbortController().signal;

/**
 * Gives every short call of a client a time of its own, beside the signal that it may have: an Engine that takes the
 * connection and never answers holds nobody. Streams, attached pipes and waiting for an end last as long as they last, and
 * are given up by whoever began them.
 */
export function limitCalls(modem: Dockerode['modem']): void {
  const dial = modem.dial.bind(modem);
  modem.dial = (options, callback) => {
    const { path, method, isStream, hijack, openStdin, abortSignal = NEVER } = options;
    if (isStream === true || hijack === true || openStdin === true || /^\/containers\/[^/]+\/wait\b/.test(path)) {
      dial(options, callback);
      return;
    }
    const isWork = method !== 'GET' || path.startsWith('/distribution/');
    const { signal, end } = timeLimit(abortSignal, isWork ? WORK_MS : ANSWER_MS);
    dial({ ...options, abortSignal: signal }, (thrown, answer) => {
      end();
      callback?.(thrown, answer);
    });
  };
}
