import { libc } from "../libraries/libc.ts";

// Values of sys/syscall.h and linux/aio_abi.h. The C library has no names for these calls.
const isArm = Deno.build.arch === "aarch64";
const SYS_IO_SETUP = isArm ? 0n : 206n;
const SYS_IO_SUBMIT = isArm ? 2n : 209n;
const SYS_IO_GETEVENTS = isArm ? 4n : 208n;
const IOCB_CMD_FSYNC = 2;

/** How many files a queue takes. */
const QUEUE_LENGTH = 256;
/** How many queues there are at most: while it waits, each has one of 32 threads that the runtime has for such. */
const MAX_QUEUES = 8;
/** How often to ask again for what is done, where a signal ends the call. */
const MAX_INTERRUPTIONS = 1000;

/** `struct iocb`, and where in it there is what. */
const REQUEST_LENGTH = 64;
const REQUEST_DATA = 0;
const REQUEST_OPCODE = 16;
const REQUEST_DESCRIPTOR = 20;

/** `struct io_event`, and where in it there is what. */
const EVENT_LENGTH = 32;
const EVENT_DATA = 0;
const EVENT_RESULT = 16;

/** Those that nobody uses; kept until the process exits, as to take one down may take many milliseconds. */
const free: FlushQueue[] = [];
let queues = 0;

/**
 * Flushes files to the disk, all at once, with the kernel's own threads (Linux AIO). So they wait for the same
 * commit of a file system's journal, and for the same flush of the disk's cache, as far as can be; and one thread of
 * the runtime's waits for all of them. They must not be closed meanwhile.
 *
 * @param descriptors Of files that are open for writing.
 * @returns For each, whether it is on the disk; `undefined` where the kernel does not take it in that way, for a
 * reason that says nothing about the file.
 */
export async function flushAll(descriptors: readonly number[]): Promise<(boolean | undefined)[]> {
  const flushed = new Array<boolean | undefined>(descriptors.length).fill(undefined);
  const queue = free.pop() ?? FlushQueue.open();
  if (queue === undefined) return flushed;
  for (let at = 0; at < descriptors.length; at += QUEUE_LENGTH) {
    const some = await queue.flush(descriptors.slice(at, at + QUEUE_LENGTH));
    if (some === undefined) return flushed.fill(false, at, at + QUEUE_LENGTH);
    flushed.splice(at, some.length, ...some);
  }
  free.push(queue);
  return flushed;
}

/** A context of the kernel's in which it does something for one caller at a time. */
class FlushQueue {
  readonly #context: bigint;
  readonly #requests = new Uint8Array(QUEUE_LENGTH * REQUEST_LENGTH);
  readonly #events = new Uint8Array(QUEUE_LENGTH * EVENT_LENGTH);
  /** Where each of the requests is. */
  readonly #pointers = new BigUint64Array(QUEUE_LENGTH);

  private constructor(context: bigint) {
    this.#context = context;
    const view = new DataView(this.#requests.buffer);
    const start = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#requests));
    for (let index = 0; index < QUEUE_LENGTH; index++) {
      const at = index * REQUEST_LENGTH;
      view.setBigUint64(at + REQUEST_DATA, BigInt(index), true);
      view.setUint16(at + REQUEST_OPCODE, IOCB_CMD_FSYNC, true);
      this.#pointers[index] = start + BigInt(at);
    }
  }

  /** `undefined`: there are enough, or the kernel gives no more of them, as in some sandboxes. */
  static open(): FlushQueue | undefined {
    if (queues >= MAX_QUEUES) return undefined;
    const context = new BigUint64Array(1);
    const bytes = new Uint8Array(context.buffer);
    if (libc.io_setup(SYS_IO_SETUP, QUEUE_LENGTH, bytes) !== 0) return undefined;
    queues++;
    return new FlushQueue(context[0] ?? 0n);
  }

  /**
   * @param descriptors So many as fit.
   * @returns For each as {@linkcode flushAll}; `undefined` if the kernel does not tell, and this is of no use any more.
   */
  async flush(descriptors: readonly number[]): Promise<(boolean | undefined)[] | undefined> {
    const view = new DataView(this.#requests.buffer);
    for (const [index, descriptor] of descriptors.entries()) {
      view.setUint32(index * REQUEST_LENGTH + REQUEST_DESCRIPTOR, descriptor, true);
    }
    const flushed = new Array<boolean | undefined>(descriptors.length).fill(undefined);
    let left = this.#submit(descriptors.length);
    for (let interruptions = 0; left > 0;) {
      const count = await libc.io_getevents_parked(
        SYS_IO_GETEVENTS,
        this.#context,
        BigInt(left),
        BigInt(left),
        this.#events,
        null,
      );
      if (count < 0 && ++interruptions > MAX_INTERRUPTIONS) return undefined;
      if (count > 0) left -= this.#take(count, flushed);
    }
    return flushed;
  }

  /** @returns How many the kernel has taken, the first ones. */
  #submit(count: number): number {
    let submitted = 0;
    while (submitted < count) {
      const rest = new Uint8Array(this.#pointers.buffer, submitted * 8);
      const left = BigInt(count - submitted);
      const more = libc.io_submit(SYS_IO_SUBMIT, this.#context, left, rest);
      if (more <= 0) break;
      submitted += more;
    }
    return submitted;
  }

  #take(count: number, flushed: (boolean | undefined)[]): number {
    const view = new DataView(this.#events.buffer);
    for (let at = 0; at < count * EVENT_LENGTH; at += EVENT_LENGTH) {
      const index = Number(view.getBigUint64(at + EVENT_DATA, true));
      flushed[index] = view.getBigInt64(at + EVENT_RESULT, true) === 0n;
    }
    return count;
  }
}
