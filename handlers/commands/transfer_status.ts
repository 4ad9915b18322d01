import { CodedError, commandLine } from "../../base/mod.ts";
import { type Schema, schemaOf } from "./schema.ts";

/** A file on its way, or a part of one that waits to go on, as `transfers --json` prints it. */
export interface TransferStatus {
  /** 12 hexadecimal digits; an upload has the same for as long as it goes on. */
  id: string;
  /** `moving`: a worker is at it. `waiting`: it was interrupted, and what has come is kept. */
  state: "moving" | "waiting";
  /** `up` is to the server; `null` where a handler of one's own does not say. */
  direction: "up" | "down" | null;
  /** The file's; `null` where it is not known. */
  name: string | null;
  /** Of the whole file, in bytes; `null` where it is not known. */
  size: number | null;
  /** How far it is in the file, in bytes. */
  offset: number;
  /** Where it has gone on from, in bytes; 0 if it began at the start. */
  resumedFrom: number;
  /** Bytes per second, over the last five seconds. */
  rate: number;
  /** How long it will take at that rate, in milliseconds; `null` where that cannot be said. */
  etaMs: number | null;
  /** Since it began, or since something last came of what waits, in milliseconds. */
  ageMs: number;
  /** Of the worker that is at it; `null`, as what follows, for what waits. */
  port: number | null;
  /** The client's session, its address and port, who it is, and what it calls itself. */
  session: string | null;
  peer: string | null;
  identity: string | null;
  agent: string | null;
}

/** What `transfers` answers. */
export interface TransfersResult {
  transfers: TransferStatus[];
  /** How many there are; more than are listed if there was a limit. */
  total: number;
  /** Ports of workers that have not answered, or not with all they have. */
  silent: number[];
}

/** Schema of {@linkcode TransferStatus}. */
export const transferStatus: Schema<TransferStatus> = schemaOf<TransferStatus>()((v) =>
  v.object({
    id: v.string(),
    state: v.picklist(["moving", "waiting"]),
    direction: v.nullable(v.picklist(["up", "down"])),
    name: v.nullable(v.string()),
    size: v.nullable(v.number()),
    offset: v.number(),
    resumedFrom: v.number(),
    rate: v.number(),
    etaMs: v.nullable(v.number()),
    ageMs: v.number(),
    port: v.nullable(v.number()),
    session: v.nullable(v.string()),
    peer: v.nullable(v.string()),
    identity: v.nullable(v.string()),
    agent: v.nullable(v.string()),
  })
);

/** Schema of {@linkcode TransfersResult}. */
export const transfersResult: Schema<TransfersResult> = schemaOf<TransfersResult>()((v) =>
  v.object({
    transfers: v.array(transferStatus(v)),
    total: v.number(),
    silent: v.array(v.number()),
  })
);

/** What `cancel` answers: the transfer as it was. */
export interface CancelResult {
  transfer: TransferStatus;
}

/** Schema of {@linkcode CancelResult}. */
export const cancelResult: Schema<CancelResult> = schemaOf<CancelResult>()((v) =>
  v.object({ transfer: transferStatus(v) })
);

/** There is no transfer of that id. */
export class NoTransferError extends CodedError {
  readonly code = "no-transfer";

  constructor(id: string, instance: string) {
    const list = commandLine("transfers", instance);
    super(`There is no transfer whose id begins "${id}"; to list those that there are: ${list}`);
  }
}

/** The transfer has just come to its end. */
export class TransferDoneError extends CodedError {
  readonly code = "transfer-done";

  constructor(id: string) {
    super(`Cannot cancel transfer "${id}": all of it has come, and it is as good as done`);
  }
}
