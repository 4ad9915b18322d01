/**
 * Does something with each, with some at once; what comes of it comes in their order. Where no more can be
 * found, what was begun is told of first, and then that.
 *
 * @param action Must not reject.
 * @throws What the items throw.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  atOnce: number,
  action: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const source = items[Symbol.asyncIterator]();
  const begun: Promise<Result>[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for (;;) {
      if (begun.length === atOnce) yield await begun.shift()!;
      const next = await source.next().catch((error: unknown) => ({ error }));
      if ("error" in next) failure = next;
      if ("error" in next || next.done) break;
      begun.push(action(next.value));
    }
    yield* begun;
  } finally {
    if (failure === undefined) await source.return?.();
  }
  if (failure !== undefined) throw failure.error;
}
