import { isIPv6 } from "node:net";
import { type Address, formatAddress, NO_ANSWER_ADVICE } from "../ffi/mod.ts";
import { ConnectTimeoutError } from "./errors.ts";
import { toError, unreached } from "./unreached.ts";

/** The "Connection Attempt Delay" of RFC 8305 section 5, in milliseconds. */
const ATTEMPT_DELAY_MS = 250;

/** How many are tried at once; a further one takes the place of the one that has taken longest. */
export const MOST_AT_ONCE = 6;

/** Tries one address, until its signal aborts. */
export type Attempt<Result> = (address: Address, signal: AbortSignal) => Promise<Result>;

/** How {@linkcode race} runs. */
export interface RaceOptions<Result> {
  /** Gives all attempts up. */
  signal: AbortSignal;
  /** Ends what comes of an attempt after another one has won. */
  discard: (result: Result) => unknown;
  /** How long one address may take before the next is tried as well, in milliseconds; 250 by default. */
  delayMs?: number;
}

/**
 * A host's addresses in the order in which to try them: as the system sorts them (RFC 6724), but with
 * the two families in turn (RFC 8305 section 4), so that one that does not work at all costs one attempt.
 */
export function interleave(addresses: readonly Address[]): Address[] {
  const [first] = addresses;
  if (first === undefined) return [];
  const same = addresses.filter((address) => isV6(address) === isV6(first));
  const other = addresses.filter((address) => isV6(address) !== isV6(first));
  return [
    ...same.flatMap((address, index) => [address, ...other.slice(index, index + 1)]),
    ...other.slice(same.length),
  ];
}

function isV6({ hostname }: Address): boolean {
  return isIPv6(hostname);
}

/**
 * Tries addresses as RFC 8305 section 5 says: the next one when the one before has failed, or has taken
 * 250 ms, without giving that one up. The first attempt that succeeds wins; the others are given up.
 *
 * @throws {Error} What `unreached()` makes of the failures, if all attempts fail.
 * @throws The signal's reason when it aborts.
 */
export function race<Result>(
  addresses: readonly Address[],
  attempt: Attempt<Result>,
  { signal, discard, delayMs = ATTEMPT_DELAY_MS }: RaceOptions<Result>,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const waiting = [...addresses];
  /** What gives attempts up, in the order in which they began. */
  const running = new Map<Address, AbortController>();
  const failures: Error[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  tryNext();
  return promise;

  function tryNext(): void {
    clearTimeout(timer);
    if (over) return;
    const address = waiting.shift();
    if (address !== undefined) {
      void run(address);
      if (waiting.length > 0) timer = setTimeout(tryNext, delayMs);
    } else if (running.size === 0) {
      end();
      reject(unreached(failures));
    }
  }

  async function run(address: Address): Promise<void> {
    if (running.size >= MOST_AT_ONCE) makeRoom();
    const controller = new AbortController();
    running.set(address, controller);
    try {
      const result = await attempt(address, controller.signal);
      running.delete(address);
      if (over) return void discard(result);
      end();
      resolve(result);
    } catch (error) {
      if (over) return;
      failures.push(toError(error));
      // If it has made room, the one that it was for is on its way already.
      if (running.delete(address)) tryNext();
    }
  }

  function makeRoom(): void {
    const [longest] = running;
    if (longest === undefined) return;
    const [address, controller] = longest;
    running.delete(address);
    const name = formatAddress(address);
    controller.abort(
      new ConnectTimeoutError(`Cannot connect to ${name}: no answer in time; ${NO_ANSWER_ADVICE}`),
    );
  }

  function end(): void {
    over = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    for (const controller of running.values()) controller.abort();
  }

  function abort(): void {
    end();
    reject(signal.reason);
  }
}
