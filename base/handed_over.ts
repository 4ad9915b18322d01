/**
 * Makes a sequence of what a function gives one by one. It is given no faster than it is taken, and the
 * function begins at once.
 *
 * @param produce Gives values: each call resolves when the value has been taken and the next one is
 * wanted. Its signal aborts when the sequence is given up. What it throws, the sequence throws.
 */
export function handedOver<Value>(
  produce: (give: (value: Value) => Promise<void>, signal: AbortSignal) => Promise<void>,
): AsyncIterableIterator<Value, void> {
  const givenUp = new AbortController();
  let next = promiseOf<Given<Value> | undefined>();
  let taken = promiseOf<void>();
  const give = (value: Value): Promise<void> => {
    if (givenUp.signal.aborted) return Promise.reject(givenUp.signal.reason);
    taken = promiseOf();
    next.resolve({ value });
    return taken.promise;
  };
  const over = produce(give, givenUp.signal).then(
    () => next.resolve(undefined),
    (error) => next.reject(error),
  );
  return take();

  async function* take(): AsyncGenerator<Value, void, void> {
    try {
      for (;;) {
        const given = await next.promise;
        if (given === undefined) return;
        next = promiseOf();
        yield given.value;
        taken.resolve();
      }
    } finally {
      givenUp.abort();
      taken.reject(givenUp.signal.reason);
      await over;
    }
  }
}

interface Given<Value> {
  readonly value: Value;
}

/** A promise whose failure is no fault if nobody looks at it. */
function promiseOf<Value>(): PromiseWithResolvers<Value> {
  const resolvers = Promise.withResolvers<Value>();
  resolvers.promise.catch(() => {});
  return resolvers;
}
