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

/** Waits some milliseconds, or until a signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
}
