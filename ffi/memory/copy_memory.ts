import { libc } from "../libraries/libc.ts";

const windows = Deno.build.os === "windows"
  ? (await import("../libraries/kernel32.ts")).kernel32
  : undefined;

/** Copies `length` bytes of native memory, from an address to the beginning of a buffer that is as long. */
export type CopyMemory = (
  to: Uint8Array<ArrayBuffer> | DataView<ArrayBuffer> | BigUint64Array<ArrayBuffer>,
  from: bigint,
  length: bigint,
) => void;

/**
 * The system's own function for it: a compiled call, 15 ns, where the runtime takes 50 for each field that
 * it reads at a pointer, and 100 to copy.
 */
export const copyMemory: CopyMemory = windows?.RtlMoveMemory ?? libc.memcpy;
