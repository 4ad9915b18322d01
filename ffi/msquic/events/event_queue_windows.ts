import { Completions } from "./completions.ts";
import { type EventQueue, MAX_COMPLETIONS } from "./event_queue.ts";
import { INVALID_HANDLE_VALUE, kernel32 } from "../../libraries/kernel32.ts";
import { PLATFORM_LAYOUTS } from "../abi/event_queue.ts";

const { Cqe, Sqe } = PLATFORM_LAYOUTS.windows;

/** Opens an I/O completion port. */
export function openCompletionPort(): EventQueue {
  return new CompletionPort();
}

class CompletionPort implements EventQueue {
  readonly #completions = new Completions(Sqe.Completion);
  readonly #handle = new BigUint64Array(1);
  readonly #removed = new Uint32Array(1);
  readonly #entries = new DataView(
    new BigInt64Array(MAX_COMPLETIONS * Cqe.size / 8).buffer,
  );
  readonly #entriesPointer = Deno.UnsafePointer.of(this.#entries);
  readonly #entriesAddress = Deno.UnsafePointer.value(this.#entriesPointer);
  readonly address: bigint;

  constructor() {
    const port = kernel32.CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0n, 0n, 1);
    if (port === 0n) {
      throw new Error("Cannot create an I/O completion port: the system is out of resources");
    }
    this.#handle[0] = port;
    this.address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#handle));
  }

  drain(): number {
    const some = kernel32.GetQueuedCompletionStatusEx(
      this.#port,
      this.#entriesPointer,
      MAX_COMPLETIONS,
      this.#removed,
      0,
      0,
    );
    return some === 0 ? 0 : this.#run();
  }

  async wait(timeoutMs: number): Promise<number> {
    const some = await kernel32.GetQueuedCompletionStatusEx_parked(
      this.#port,
      this.#entriesPointer,
      MAX_COMPLETIONS,
      this.#removed,
      timeoutMs,
      0,
    );
    return some === 0 ? 0 : this.#run();
  }

  // An entry without OVERLAPPED is nobody's completion: it only ends the wait.
  wake(): void {
    kernel32.PostQueuedCompletionStatus(this.#port, 0, 0n, 0n);
  }

  get #port(): bigint {
    return this.#handle[0]!;
  }

  #run(): number {
    const count = this.#removed[0]!;
    for (let i = 0; i < count; i++) {
      const entry = i * Cqe.size;
      const sqeAddress = this.#entries.getBigUint64(entry + Cqe.Sqe, true);
      this.#completions.run(sqeAddress, this.#entriesAddress + BigInt(entry));
    }
    return count;
  }

  [Symbol.dispose](): void {
    if (this.#port === 0n) return;
    kernel32.CloseHandle(Deno.UnsafePointer.create(this.#port));
    this.#handle[0] = 0n;
  }
}
