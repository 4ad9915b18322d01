import type { Counters, FamilyMember } from "../../ipc/mod.ts";
import type { RunningAction } from "../../protocol/mod.ts";
import type { Session } from "../sessions/session.ts";

/** What is known of a worker's event loop. */
export interface LoopFacts {
  /** How many turns it has made. */
  readonly turns: number;
  /** How many of them took how long. */
  readonly turnTimes: ArrayLike<number>;
}

/** A worker that serves, as far as it tells of itself. */
export interface ToldWorker {
  readonly instance: string;
  readonly port: number;
  /** Version of its MsQuic library. */
  readonly msquic: string;
  /** Since it was ready, in milliseconds. */
  readonly uptimeMs: number;
  readonly counters: Counters;
  readonly loop: LoopFacts;
  readonly sessions: Iterable<Session>;
  /** How many connections are in their handshake. */
  readonly handshaking: number;
  /** The actions that run. */
  readonly actions: RunningAction[];
  /** Asks the manager which processes there are. @throws {Error} It does not answer. */
  family(signal: AbortSignal): Promise<FamilyMember[]>;
}
