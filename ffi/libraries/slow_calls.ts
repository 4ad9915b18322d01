import { getLogger } from "@logtape/logtape";
import { systemReason } from "../../base/mod.ts";

let reason: string | undefined;

/**
 * Why native functions that are known by their address are called the slow way: each call takes 1 µs in
 * place of 6 ns. `undefined` where they are not.
 */
export function slowCallsReason(): string | undefined {
  return reason;
}

/** Takes note of why, and says so in the log: once, since it is the same for all that follow. */
export function noteSlowCalls(error: unknown): void {
  if (reason !== undefined) return;
  reason = systemReason(error).trim();
  getLogger(["msquicd", "ffi"]).warning(
    "Each call of MsQuic takes 1 µs in place of 6 ns, since no library of their addresses can be loaded: {reason}",
    { reason },
  );
}
