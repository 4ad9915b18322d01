/** Something in a tree, whose names come in order: with a slash behind those of directories. */
export interface Entry {
  readonly name: string;
  readonly directory?: boolean | undefined;
}

/** What two trees have under the same name; one of them may have nothing. */
export type Pair<One, Other> = [one: One, other: Other | undefined] | [
  one: undefined,
  other: Other,
];

/**
 * Goes through two trees at once, neither of which is held. Both are in the order of the UTF-16 code units of
 * their names.
 */
export async function* sideBySide<One extends Entry, Other extends Entry>(
  ones: AsyncIterable<One>,
  others: AsyncIterable<Other>,
): AsyncGenerator<Pair<One, Other>> {
  const left = ones[Symbol.asyncIterator]();
  const right = others[Symbol.asyncIterator]();
  try {
    let [one, other] = await Promise.all([left.next(), right.next()]);
    while (!one.done || !other.done) {
      const order = one.done ? 1 : other.done ? -1 : compare(one.value, other.value);
      if (!one.done && order <= 0) yield [one.value, order === 0 ? other.value : undefined];
      else if (!other.done) yield [undefined, other.value];
      if (order === 0) [one, other] = await Promise.all([left.next(), right.next()]);
      else if (order < 0) one = await left.next();
      else other = await right.next();
    }
  } finally {
    await left.return?.(undefined);
    await right.return?.(undefined);
  }
}

function compare(one: Entry, other: Entry): number {
  const [a, b] = [keyOf(one), keyOf(other)];
  return a === b ? 0 : a < b ? -1 : 1;
}

function keyOf({ name, directory }: Entry): string {
  return directory ? `${name}/` : name;
}
