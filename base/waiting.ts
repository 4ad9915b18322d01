/**
 * Waits.
 *
 * @throws What `signal` was aborted with, as soon as it is.
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  const timer = setTimeout(done, ms);
  signal?.addEventListener("abort", aborted, { once: true });
  function done() {
    signal?.removeEventListener("abort", aborted);
    resolve();
  }
  function aborted() {
    clearTimeout(timer);
    reject(signal?.reason);
  }
  return promise;
}

/** Waits for `promise`, but no longer than `ms`. @returns Whether it was settled, either way, in time. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise.then(settled, settled), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves when one of some signals aborts, or has.
 *
 * Each is a controller's own: one that `AbortSignal.any` has made is collected by Deno 2.6 while only a
 * listener knows of it, and then tells nobody any more.
 */
export function whenAborted(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    for (const signal of signals) signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/**
 * Waits for a promise, but no longer than until a signal aborts.
 *
 * @throws The signal's reason.
 */
export async function orAborted<Value>(
  value: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  value.catch(() => {}); // after an abort, nobody else looks at it
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([value, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function settled(): true {
  return true;
}
