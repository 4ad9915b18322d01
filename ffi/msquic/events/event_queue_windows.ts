import { Completions } from "./completions.ts";
import { type EventQueue, MAX_COMPLETIONS } from "./event_queue.ts";
import { PLATFORM_LAYOUTS } from "../abi/event_queue.ts";

const INVALID_HANDLE_VALUE = 0xFFFF_FFFF_FFFF_FFFFn;

const { Cqe, Sqe } = PLATFORM_LAYOUTS.windows;

const symbols = {
  CreateIoCompletionPort: {
    parameters: [
      "u64", // HANDLE FileHandle
      "u64", // HANDLE ExistingCompletionPort
      "u64", // ULONG_PTR CompletionKey
      "u32", // DWORD NumberOfConcurrentThreads
    ],
    result: "u64",
  },
  GetQueuedCompletionStatusEx: {
    parameters: [
      "u64", // HANDLE CompletionPort
      "pointer", // LPOVERLAPPED_ENTRY lpCompletionPortEntries
      "u32", // ULONG ulCount
      "buffer", // PULONG ulNumEntriesRemoved
      "u32", // DWORD dwMilliseconds
      "i32", // BOOL fAlertable
    ],
    result: "i32",
  },
  GetQueuedCompletionStatusExParked: {
    name: "GetQueuedCompletionStatusEx",
    parameters: ["u64", "pointer", "u32", "buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  PostQueuedCompletionStatus: {
    parameters: [
      "u64", // HANDLE CompletionPort
      "u32", // DWORD dwNumberOfBytesTransferred
      "u64", // ULONG_PTR dwCompletionKey
      "u64", // LPOVERLAPPED lpOverlapped
    ],
    result: "i32",
  },
  CloseHandle: {
    parameters: [
      "u64", // HANDLE hObject
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Opens an I/O completion port. */
export function openCompletionPort(): EventQueue {
  return new CompletionPort();
}

class CompletionPort implements EventQueue {
  readonly #kernel32 = Deno.dlopen("kernel32.dll", symbols);
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
    const port = this.#kernel32.symbols.CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0n, 0n, 1);
    if (port === 0n) {
      this.#kernel32.close();
      throw new Error("Cannot create an I/O completion port: the system is out of resources");
    }
    this.#handle[0] = port;
    this.address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#handle));
  }

  drain(): number {
    const some = this.#kernel32.symbols.GetQueuedCompletionStatusEx(
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
    const some = await this.#kernel32.symbols.GetQueuedCompletionStatusExParked(
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
    this.#kernel32.symbols.PostQueuedCompletionStatus(this.#port, 0, 0n, 0n);
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
    this.#kernel32.symbols.CloseHandle(this.#port);
    this.#handle[0] = 0n;
    this.#kernel32.close();
  }
}
