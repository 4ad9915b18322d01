import type { Bell } from "./bell.ts";
import { DoorbellError } from "./doorbell_error.ts";
import { errno, libc } from "../libraries/libc.ts";
import type { SharedMemory } from "../shared_memory/shared_memory.ts";
import { SHM_DIRECTORY } from "../shared_memory/shared_memory_posix.ts";
import { BellSocket } from "./bell_socket.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EAGAIN = 11;

/** Bytes of a `sockaddr_un`, its path and the NUL behind that. */
const ADDRESS_BYTES = 110;
/** What the path of a socket is longer by while it is being made. */
const BIRTH_BYTES = 4;
const PATH_OFFSET = 2;

const SILENT = 0;
const RUNG = 1;
const RING = Uint8Array.of(RUNG);

/** The first of the two ends makes sure that no ring is left from before. */
export function createBell(memory: SharedMemory, offset: number): Bell {
  const bell = new UnixSocketBell(memory, offset);
  bell.take();
  return bell;
}

/** Shares a bell that exists. */
export function openBell(memory: SharedMemory, offset: number): Bell {
  return new UnixSocketBell(memory, offset);
}

/**
 * One 32-bit word in the shared memory, 1 rung and 0 not, and a Unix socket that the sleeper listens
 * to and the ringer writes a byte to.
 *
 * The runtime watches the socket in the epoll set that its own event loop sleeps in: no thread is
 * parked for a bell, and a ring wakes the JavaScript thread itself. A futex (in the same word) needs
 * a thread of the runtime's pool for each sleeper, and two wake-ups for each ring. What is in the
 * memory does not decide whether a sleeper wakes, so that no peer can make it sleep for ever.
 */
class UnixSocketBell implements Bell {
  readonly #word: Int32Array<ArrayBuffer>;
  readonly #path: string;
  readonly #address: Uint8Array<ArrayBuffer>;
  #fd = -1;
  #socket: BellSocket | undefined;

  constructor(memory: SharedMemory, offset: number) {
    requireLinux(memory.name);
    this.#word = new Int32Array(memory.buffer, offset, 1);
    this.#path = `${SHM_DIRECTORY}/${memory.name}.${offset}`;
    this.#address = socketAddress(this.#path);
  }

  // The word first: a sleeper that does not listen yet looks at it before it sleeps.
  ring(): void {
    Atomics.store(this.#word, 0, RUNG);
    if (this.#socket) return this.#socket.wake();
    if (this.#fd >= 0 && this.#send()) return;
    this.#disconnect();
    if (this.#connect() && !this.#send()) this.#disconnect();
  }

  take(): boolean {
    return Atomics.exchange(this.#word, 0, SILENT) !== SILENT;
  }

  async park(): Promise<boolean> {
    this.#socket ??= BellSocket.listen(this.#path);
    if (this.take()) return true;
    await this.#socket.woken();
    return this.take();
  }

  async close(): Promise<void> {
    this.#disconnect();
    await this.#socket?.close();
  }

  /** Whether the ring is on its way: also when so many are that there is no room for one more. */
  #send(): boolean {
    const sent = libc.send(this.#fd, RING, 1n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent === 1n || errno() === EAGAIN;
  }

  #connect(): boolean {
    const { socket, connect } = libc;
    this.#fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (this.#fd < 0) return false;
    if (connect(this.#fd, this.#address, this.#address.length) === 0) return true;
    this.#disconnect();
    return false;
  }

  #disconnect(): void {
    if (this.#fd >= 0) libc.close(this.#fd);
    this.#fd = -1;
  }
}

function socketAddress(path: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(path);
  if (PATH_OFFSET + bytes.length + BIRTH_BYTES >= ADDRESS_BYTES) {
    throw new DoorbellError("doorbell-failed", `Cannot make a doorbell at ${path}: it is too long`);
  }
  const address = new Uint8Array(PATH_OFFSET + bytes.length + 1);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(bytes, PATH_OFFSET);
  return address;
}

function requireLinux(name: string): void {
  if (Deno.build.os === "linux") return;
  throw new DoorbellError(
    "doorbell-unsupported",
    `Cannot make a doorbell in "${name}" on ${Deno.build.os}: only Linux and Windows are supported`,
  );
}
