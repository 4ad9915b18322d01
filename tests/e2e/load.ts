import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import type { Client } from "../../client/mod.ts";
import { waitFor } from "./harness.ts";

/** Requests one after another on several tracks, until it is disposed of; counts what comes back. */
export class Load implements AsyncDisposable {
  readonly #client: Client;
  readonly #pauseMs: number;
  readonly #tracks: Promise<void>[];
  #stopped = false;
  readonly failures: unknown[] = [];
  answered = 0;
  /** The longest that one request took, in milliseconds. */
  slowestMs = 0;

  /** @param pauseMs How long each track waits before its next request, where not as many as can be matter. */
  constructor(client: Client, tracks: number, pauseMs = 0) {
    this.#client = client;
    this.#pauseMs = pauseMs;
    this.#tracks = Array.from({ length: tracks }, (_, track) => this.#run(track));
  }

  /** Waits until so many more have been answered. */
  async more(count: number): Promise<void> {
    const goal = this.answered + count;
    await waitFor(`${count} more answers`, () => this.answered >= goal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#tracks);
  }

  async #run(track: number): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const start = performance.now();
      try {
        const { body } = await this.#client.echo({ track, number });
        assert.deepEqual(body, { track, number });
        this.answered++;
      } catch (error) {
        this.failures.push(error);
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - start);
      if (this.#pauseMs > 0) await delay(this.#pauseMs);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
