import type { Bell } from "./bell.ts";
import { DoorbellError } from "./doorbell_error.ts";
import { leaseLibc } from "./libc.ts";
import type { SharedMemory } from "./shared_memory.ts";

const FUTEX_WAIT = 0n;
const FUTEX_WAKE = 1n;
const EVERYONE = 0x7FFF_FFFFn;
/** SYS_futex by `Deno.build.arch`. */
const SYS_FUTEX = { x86_64: 202n, aarch64: 98n } as const;

const SILENT = 0;
const RUNG = 1;
/** A signal interrupts a wait now and then; this many in a row means that waiting does not work. */
const MAX_FAILURES = 100;

/** The first of the two ends makes sure that no ring is left from before. */
export function createBell(memory: SharedMemory, offset: number): Bell {
  const bell = new FutexBell(memory, offset);
  bell.take();
  return bell;
}

/** Shares a bell that exists. */
export function openBell(memory: SharedMemory, offset: number): Bell {
  return new FutexBell(memory, offset);
}

/**
 * One 32-bit word in the shared memory: 1 rung, 0 not, and a futex on its address.
 *
 * A process-shared semaphore (`sem_init`) would do the same, but it keeps its count of sleepers in
 * the memory: a peer that scribbles over it makes the sleeper unwakable, even by itself. A futex
 * wakes by address, whatever the memory holds. Rings that nobody waited for are one ring.
 */
class FutexBell implements Bell {
  readonly #libc = leaseLibc();
  readonly #number: bigint;
  readonly #word: Int32Array<ArrayBuffer>;
  readonly #address: Deno.PointerValue;
  #failures = 0;

  constructor(memory: SharedMemory, offset: number) {
    this.#number = futexNumber(memory.name);
    this.#word = new Int32Array(memory.buffer, offset, 1);
    this.#address = Deno.UnsafePointer.of(this.#word);
  }

  ring(): void {
    Atomics.store(this.#word, 0, RUNG);
    this.#libc.symbols.futex(this.#number, this.#address, FUTEX_WAKE, EVERYONE, null, null, 0n);
  }

  take(): boolean {
    return Atomics.exchange(this.#word, 0, SILENT) !== SILENT;
  }

  async park(): Promise<boolean> {
    const result = await this.#libc.symbols.futex_parked(
      this.#number,
      this.#address,
      FUTEX_WAIT,
      BigInt(SILENT),
      null,
      null,
      0n,
    );
    if (this.take()) {
      this.#failures = 0;
      return true;
    }
    // Woken without a ring is fine; refused again and again is not.
    this.#failures = result < 0n ? this.#failures + 1 : 0;
    if (this.#failures > MAX_FAILURES) {
      throw new DoorbellError(
        "doorbell-failed",
        "Cannot wait for a doorbell: the system refuses to wait on a futex",
      );
    }
    return false;
  }

  close(): void {
    this.#libc[Symbol.dispose]();
  }
}

function futexNumber(name: string): bigint {
  if (Deno.build.os === "linux") return SYS_FUTEX[Deno.build.arch];
  throw new DoorbellError(
    "doorbell-unsupported",
    `Cannot make a doorbell in "${name}" on ${Deno.build.os}: it has neither futexes nor ` +
      "process-shared unnamed semaphores; only Linux and Windows are supported",
  );
}
