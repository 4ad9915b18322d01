import { libc } from "../libraries/libc.ts";

// Of sys/resource.h.
const RLIMIT_DATA = 2;
const RLIM_INFINITY = 2n ** 64n - 1n;

const PAGE = 4096;

/** Whether the system bounds what a process may take of memory, as {@linkcode limitMemory} asks it to. */
export const MEMORY_LIMITED = Deno.build.os === "linux";

let limit: bigint | undefined;

/**
 * Has the system give this process no more memory than it has now, and so much: memory for bytes is then
 * refused with a `RangeError`, and where the heap has no room left, the process ends. Threads with their
 * stacks count. Programs that it starts have to be started by {@linkcode withoutMemoryLimit}. Where the
 * system cannot do that, nothing happens.
 *
 * @param bytes Beyond what it has now.
 */
export function limitMemory(bytes: number): void {
  if (!MEMORY_LIMITED) return;
  // All that it may write to, be it in use or not, is what the system counts.
  const [, , , , , pages = 0] = Deno.readTextFileSync("/proc/self/statm").split(" ").map(Number);
  limit = BigInt(pages * PAGE + bytes);
  setLimit(limit);
}

/** Runs what starts a program, which would otherwise have the same limit for itself. */
export function withoutMemoryLimit<Result>(start: () => Result): Result {
  if (limit === undefined) return start();
  setLimit(RLIM_INFINITY);
  try {
    return start();
  } finally {
    setLimit(limit);
  }
}

/** The soft limit only, which may be raised again. That it cannot be set is no reason not to go on. */
function setLimit(bytes: bigint): void {
  const limits = new BigUint64Array(2);
  if (libc.getrlimit(RLIMIT_DATA, limits) !== 0) return;
  const [, most = RLIM_INFINITY] = limits;
  limits[0] = bytes < most ? bytes : most;
  libc.setrlimit(RLIMIT_DATA, limits);
}
