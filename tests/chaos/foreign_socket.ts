/** A socket as another program would have it: bound without asking anybody. Linux on little-endian. */

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const ANY_ADDRESS_BYTES = 16;

const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** Holds a UDP port on all IPv4 addresses until it is disposed of. */
export class ForeignSocket implements Disposable {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Takes a port if it can be had.
   *
   * @param options.shared Whether to be willing to share it (SO_REUSEPORT), as MsQuic is.
   */
  static tryBind(port: number, { shared }: { shared: boolean }): ForeignSocket | undefined {
    const fd = libc.symbols.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw new Error("Cannot make a socket");
    const on = new Int32Array([1]);
    if (shared) libc.symbols.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, on, on.byteLength);
    const address = new DataView(new ArrayBuffer(ANY_ADDRESS_BYTES));
    address.setUint16(0, AF_INET, true);
    address.setUint16(2, port);
    if (libc.symbols.bind(fd, address, address.byteLength) === 0) return new ForeignSocket(fd);
    libc.symbols.close(fd);
    return undefined;
  }

  [Symbol.dispose](): void {
    libc.symbols.close(this.#fd);
  }
}
