/**
 * Those who do the same jobs side by side: a server and a client each, in processes of their own.
 *
 * @module
 */
import type { Contestant } from "./contestant.ts";

export type {
  BenchClient,
  BenchConnection,
  BenchFiles,
  BenchServer,
  Contestant,
  ServerSetup,
  Target,
} from "./contestant.ts";

/** All contestants, the project's own first: ratios are its figures to those of each other. */
export const CONTESTANTS = {
  msquicd: "msquicd",
  deno: "Deno QUIC",
  go: "quic-go",
} as const;

/** One of the keys of {@linkcode CONTESTANTS}. */
export type ContestantName = keyof typeof CONTESTANTS;

/** Those that run in processes of Deno. */
export type DenoContestantName = Exclude<ContestantName, "go">;

/** Loads a contestant: only the processes that it runs in need its code. */
export async function loadContestant(name: DenoContestantName): Promise<Contestant> {
  switch (name) {
    case "msquicd":
      return (await import("./msquicd/mod.ts")).msquicd;
    case "deno":
      return (await import("./deno_quic/mod.ts")).denoQuic;
  }
}
