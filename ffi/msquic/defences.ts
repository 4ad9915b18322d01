import { failed, Param } from "./abi/mod.ts";
import { MsQuicError } from "./errors.ts";
import type { Library } from "./library.ts";
import { encodeSettings } from "./settings.ts";

/** What MsQuic reckons for a handshake, about, in bytes (`QUIC_CONN_HANDSHAKE_MEMORY_USAGE`). */
const HANDSHAKE_BYTES = 36 * 1024;

/** The whole of a machine's memory, in MsQuic's unit for the share that handshakes may have. */
const WHOLE = 0xffff;

/** How MsQuic defends a process against what comes before there is a connection. */
export interface Defences {
  /**
   * With so many handshakes under way, about, further clients first have to show that they are where they
   * say they are: they get a Retry packet (RFC 9000 section 8.1.2), for which nothing is kept here.
   */
  handshakes: number;
  /** For how long, in milliseconds on the average, work may wait before new connections are refused. */
  maxQueueDelayMs: number;
  /** How many answers without a connection, like Retry packets, may be made at once. */
  statelessAnswers: number;
  /** How many of them may be made for one port within `statelessMs`. */
  statelessAnswersOfPort: number;
  /** For how long an address gets no second one, in milliseconds. */
  statelessMs: number;
}

/**
 * Sets the defences, for all listeners of this process.
 *
 * @param machineBytes How much memory the machine has, in bytes.
 * @throws {MsQuicError} MsQuic does not take them.
 */
export function setDefences(library: Library, defences: Defences, machineBytes: number): void {
  const { api } = library.runtime;
  const settings = encodeSettings({
    maxWorkerQueueDelayUs: 1000 * defences.maxQueueDelayMs,
    maxStatelessOperations: defences.statelessAnswers,
    maxBindingStatelessOperations: defences.statelessAnswersOfPort,
    statelessOperationExpirationMs: defences.statelessMs,
  });
  set("GLOBAL_SETTINGS", settings);
  // MsQuic takes a share of the memory, of which a handshake is very little.
  const share = Math.round(defences.handshakes * HANDSHAKE_BYTES * WHOLE / machineBytes);
  set("GLOBAL_RETRY_MEMORY_PERCENT", Uint16Array.of(Math.min(Math.max(share, 1), WHOLE)));

  function set(
    name: "GLOBAL_SETTINGS" | "GLOBAL_RETRY_MEMORY_PERCENT",
    value: ArrayBufferView,
  ): void {
    const bytes = new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    const status = api.SetParam(null, Param[name], bytes.byteLength, bytes);
    if (failed(status)) throw new MsQuicError(`SetParam ${name}`, status);
  }
}
