/** Topics of events that are wanted: `session.opened`, all below one as `session.*`, or all as `*`. */
export class TopicFilter {
  readonly #topics: ReadonlySet<string>;
  /** What topics begin with that are wanted, with the dot. */
  readonly #beginnings: readonly string[];

  constructor(topics: readonly string[]) {
    this.#topics = new Set(topics);
    this.#beginnings = topics.filter((topic) => topic.endsWith("*"))
      .map((topic) => topic.slice(0, -1));
  }

  /** Whether events of a topic are wanted. */
  wants(topic: string): boolean {
    if (this.#topics.has(topic)) return true;
    return this.#beginnings.some((beginning) => topic.startsWith(beginning));
  }
}
