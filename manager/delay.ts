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

/** Waits for `promise`, but no longer than `ms`. @returns Whether it was settled in time. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise.then(settled, settled), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function settled(): true {
  return true;
}
