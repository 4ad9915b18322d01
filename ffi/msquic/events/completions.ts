import { getLogger } from "@logtape/logtape";
import { callable } from "../../libraries/address_symbols.ts";
import { copyMemory } from "../../memory/copy_memory.ts";

/**
 * Runs the completions that MsQuic posts to an event queue.
 *
 * Each entry names a `QUIC_SQE`, which holds the function to call with the entry's address. There are
 * a handful of such functions (socket readable, timer, wake-up, …); each is wrapped once.
 */
export class Completions {
  readonly #completionOffset: bigint;
  /** That of the function. */
  readonly #address = new BigUint64Array(1);
  readonly #byAddress = new Map<bigint, (entry: bigint) => void>();

  /** `completionOffset`: where a `QUIC_SQE` holds its function, in bytes. */
  constructor(completionOffset: number) {
    this.#completionOffset = BigInt(completionOffset);
  }

  /**
   * Runs the completion of the `QUIC_SQE` at `sqeAddress` for the queue entry at `entryAddress`. Does not
   * throw: those behind it were taken off the queue together with it, and are told to nobody again.
   */
  run(sqeAddress: bigint, entryAddress: bigint): void {
    if (sqeAddress === 0n) return;
    try {
      copyMemory(this.#address, sqeAddress + this.#completionOffset, 8n);
      const address = this.#address[0]!;
      const completion = this.#byAddress.get(address) ?? this.#wrap(address);
      completion(entryAddress);
    } catch (error) {
      getLogger(["msquicd", "ffi"]).error("A completion of MsQuic's failed: {error}", { error });
    }
  }

  #wrap(complete: bigint): (entry: bigint) => void {
    const symbols = callable(COMPLETION, { complete });
    this.#byAddress.set(complete, symbols.complete);
    return symbols.complete;
  }
}

const COMPLETION = {
  complete: {
    parameters: [
      "u64", // QUIC_CQE* Cqe
    ],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;
