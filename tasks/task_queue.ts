/** Which of those that wait goes first. */
export const TASK_PRIORITIES = ["high", "normal", "low"] as const;

/** One of {@linkcode TASK_PRIORITIES}. */
export type TaskPriority = typeof TASK_PRIORITIES[number];

/**
 * Those that wait, up to a limit. The higher priority goes first, and of one priority who came first. Lower
 * ones may wait for as long as there are higher ones: each has a deadline.
 */
export class TaskQueue<Item> {
  readonly limit: number;
  readonly #waiting: Readonly<Record<TaskPriority, Set<Item>>> = {
    high: new Set(),
    normal: new Set(),
    low: new Set(),
  };
  #size = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** @returns Whether there was room. */
  add(item: Item, priority: TaskPriority): boolean {
    if (this.#size >= this.limit) return false;
    this.#waiting[priority].add(item);
    this.#size++;
    return true;
  }

  /** Takes the next one out; `undefined` if none waits. */
  take(): Item | undefined {
    for (const priority of TASK_PRIORITIES) {
      const [item] = this.#waiting[priority];
      if (item === undefined) continue;
      this.delete(item, priority);
      return item;
    }
    return undefined;
  }

  /** Takes one out, wherever it is. @returns Whether it was there. */
  delete(item: Item, priority: TaskPriority): boolean {
    if (!this.#waiting[priority].delete(item)) return false;
    this.#size--;
    return true;
  }
}
