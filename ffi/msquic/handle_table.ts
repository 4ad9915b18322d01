/**
 * Gives out small numbers for objects, which MsQuic carries as the context of their callbacks.
 *
 * A number is given out again only after {@linkcode HandleTable.remove}, which the owner calls when
 * MsQuic has delivered the object's last event.
 */
export class HandleTable<T> {
  readonly #items: (T | undefined)[] = [undefined]; // 0 is no context
  readonly #free: number[] = [];

  /** How many objects have a number. */
  get size(): number {
    return this.#items.length - 1 - this.#free.length;
  }

  add(item: T): number {
    const id = this.#free.pop() ?? this.#items.length;
    this.#items[id] = item;
    return id;
  }

  get(id: number): T | undefined {
    return this.#items[id];
  }

  remove(id: number): void {
    if (this.#items[id] === undefined) return;
    this.#items[id] = undefined;
    this.#free.push(id);
  }
}
