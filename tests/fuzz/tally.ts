/** How often what came of what was tried. */
export class Tally {
  readonly #kinds = new Map<string, Map<string, number>>();

  count(kind: string, outcome: string): void {
    let outcomes = this.#kinds.get(kind);
    if (outcomes === undefined) this.#kinds.set(kind, outcomes = new Map());
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  /** One line for each kind, what is most frequent first. */
  lines(): string[] {
    return Array.from(this.#kinds, ([kind, outcomes]) => {
      const sorted = [...outcomes].sort(([, a], [, b]) => b - a);
      const total = sorted.reduce((sum, [, count]) => sum + count, 0);
      const parts = sorted.map(([outcome, count]) => `${outcome} ${count}`);
      return `${kind.padEnd(18)} ${String(total).padStart(7)}  ${parts.join(", ")}`;
    }).sort();
  }
}
