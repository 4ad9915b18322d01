import { Completions } from "./completions.ts";
import { type EventQueue, MAX_COMPLETIONS, NO_TIMEOUT } from "./event_queue.ts";
import { libc } from "../../libraries/libc.ts";
import { PLATFORM_LAYOUTS } from "../abi/event_queue.ts";

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
const EPOLLET = 0x80000000;
const EFD_CLOEXEC = 0x80000;
const EFD_NONBLOCK = 0x800;

const { Cqe, Sqe } = PLATFORM_LAYOUTS.linux;

/** Opens an epoll instance. */
export function openEpollQueue(): EventQueue {
  return new EpollQueue();
}

class EpollQueue implements EventQueue {
  readonly #completions = new Completions(Sqe.Completion);
  readonly #handle = new Int32Array(1);
  // A BigInt64Array keeps the entries 8-byte aligned, although epoll_event itself is packed.
  readonly #entries = new DataView(
    new BigInt64Array(Math.ceil(MAX_COMPLETIONS * Cqe.size / 8)).buffer,
  );
  readonly #entriesPointer = Deno.UnsafePointer.of(this.#entries);
  readonly #entriesAddress = Deno.UnsafePointer.value(this.#entriesPointer);
  readonly #wakeFd: number;
  #disposed = false;
  readonly address: bigint;

  constructor() {
    const { epoll_create1, epoll_ctl, eventfd } = libc;
    this.#handle[0] = epoll_create1(EPOLL_CLOEXEC);
    this.#wakeFd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    // No SQE in its data: the wake-up is nobody's completion, it only ends the wait. Edge-triggered,
    // so it need not be read.
    const interest = new DataView(new ArrayBuffer(Cqe.size));
    interest.setUint32(0, EPOLLIN | EPOLLET, true);
    if (this.#fd < 0 || epoll_ctl(this.#fd, EPOLL_CTL_ADD, this.#wakeFd, interest) !== 0) {
      this[Symbol.dispose]();
      throw new Error(
        "Cannot create an epoll instance: the limit of open files is reached; raise it with ulimit -n",
      );
    }
    this.address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#handle));
  }

  drain(): number {
    return this.#run(
      libc.epoll_wait(this.#fd, this.#entriesPointer, MAX_COMPLETIONS, 0),
    );
  }

  async wait(timeoutMs: number): Promise<number> {
    const timeout = timeoutMs === NO_TIMEOUT ? -1 : Math.min(timeoutMs, 0x7FFFFFFF);
    return this.#run(
      await libc.epoll_wait_parked(
        this.#fd,
        this.#entriesPointer,
        MAX_COMPLETIONS,
        timeout,
      ),
    );
  }

  wake(): void {
    libc.eventfd_write(this.#wakeFd, 1n);
  }

  get #fd(): number {
    return this.#handle[0]!;
  }

  // epoll_wait answers -1 when a signal interrupted it: nothing to run, the loop asks again.
  #run(count: number): number {
    for (let i = 0; i < count; i++) {
      const entry = i * Cqe.size;
      const sqeAddress = this.#entries.getBigUint64(entry + Cqe.Sqe, true);
      this.#completions.run(sqeAddress, this.#entriesAddress + BigInt(entry));
    }
    return Math.max(count, 0);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const fd of [this.#fd, this.#wakeFd]) if (fd >= 0) libc.close(fd);
  }
}
