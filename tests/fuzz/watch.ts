import { settlesWithin } from "../../base/mod.ts";
import { InteropClient } from "../e2e/interop_client.ts";
import type { Arena } from "./arena.ts";
import type { Findings } from "./findings.ts";

/** How often the worker is looked at, in milliseconds. */
const EVERY_MS = 500;

/** How long a client of good will may have to wait meanwhile, in milliseconds. */
const PATIENCE_MS = 30_000;

/** What was seen of the worker, over time. */
export interface Sample {
  readonly rssBytes: number;
  readonly files: number;
  /** Of what is kept of interrupted uploads. */
  readonly kept: number;
  /** How long an honest client waited for an answer, in milliseconds. */
  readonly pingMs: number;
}

/** Looks at the worker until it is stopped, and asks it as a client of good will. */
export class Watch {
  readonly samples: Sample[] = [];
  readonly #arena: Arena;
  readonly #findings: Findings;
  readonly #stop = Promise.withResolvers<void>();
  readonly #watching: Promise<void>;

  constructor(arena: Arena, findings: Findings) {
    this.#arena = arena;
    this.#findings = findings;
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.resolve();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { target: { port, certificate }, identities: [owner] } = this.#arena;
    try {
      using client = await InteropClient.connect(port, certificate);
      await client.request(1, { token: owner?.token });
      for (;;) {
        this.samples.push(await this.#look(client));
        if (await settlesWithin(this.#stop.promise, EVERY_MS)) return;
      }
    } catch (error) {
      this.#findings.add("An honest client is not served", String(error));
    }
  }

  async #look(client: InteropClient): Promise<Sample> {
    const before = performance.now();
    const { flags } = await client.request(2, {});
    const pingMs = performance.now() - before;
    if (flags !== 1) this.#findings.add("An honest client's ping is refused", `flags ${flags}`);
    if (pingMs > PATIENCE_MS) {
      this.#findings.add("An honest client waits", `${Math.round(pingMs)} ms for a ping`);
    }
    const pid = this.#arena.startedAs;
    return { ...facts(pid), kept: keptIn(this.#arena.site.root), pingMs };
  }
}

/** How many interrupted uploads are kept, and received, in a root. */
export function keptIn(root: string): number {
  try {
    return [...Deno.readDirSync(`${root}/.msquicd/uploads`)].length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** What the system says of a process; of one that is gone, nothing. */
export function facts(pid: number): { rssBytes: number; files: number } {
  try {
    const [, pages = "0"] = Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ");
    const files = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    return { rssBytes: Number(pages) * 4096, files };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { rssBytes: 0, files: 0 };
    throw error;
  }
}
