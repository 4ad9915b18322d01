import type { ActionOutcome, ActionOutput } from "../../protocol/mod.ts";

/** How much of what a program says is told, in characters. */
const MAX_SAID = 200;

/** An action that is run for a hook. */
export interface HookRun {
  readonly action: string;
  /** Of the file that it is about. */
  readonly name: string;
  /** Where that is, if it is there already. */
  readonly path: string | undefined;
  /** What its environment has besides that of all actions. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long it may wait for its turn, in milliseconds. */
  readonly waitMs: number;
}

/** How that ended. */
export interface HookVerdict extends Pick<ActionOutcome, "exitCode" | "signal" | "ended"> {
  /** The first line that it wrote to its standard output; empty if there was none. */
  readonly said: string;
}

/** Takes what an action writes, and keeps the first line. */
export class FirstLine {
  #text = "";
  #decoder = new TextDecoder();
  #outcome: ActionOutcome | undefined;

  take({ stdout, outcome }: ActionOutput): Promise<void> {
    if (stdout !== undefined && this.#text.length <= MAX_SAID) {
      this.#text += this.#decoder.decode(stdout, { stream: true });
    }
    this.#outcome ??= outcome;
    return Promise.resolve();
  }

  /** How it ended; nothing where it was not wanted any more. */
  get outcome(): Partial<ActionOutcome> {
    return this.#outcome ?? {};
  }

  /** Fit for a message. */
  get text(): string {
    const [line = ""] = this.#text.trimStart().split("\n", 1);
    // deno-lint-ignore no-control-regex -- what would move a cursor
    return line.trim().slice(0, MAX_SAID).replaceAll(/[\0-\x1f\x7f-\x9f]/g, "?");
  }
}
