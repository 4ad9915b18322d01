import { getSystemErrorName } from "node:util";
import { errno, libc } from "../libraries/libc.ts";
import { UdpPlaceholderError } from "./udp_placeholder_error.ts";

// Linux values of bits/socket.h, asm-generic/socket.h, netinet/in.h and errno.h.
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const EADDRINUSE = 98;
const NO_SUCH_FAMILY = new Set([22, 97, 99]); // EINVAL, EAFNOSUPPORT, EADDRNOTAVAIL

const OFF = new Int32Array([0]);
const ANY = { [AF_INET]: [0, 0, 0, 0], [AF_INET6]: Array<number>(16).fill(0) } as const;
const SELF = {
  [AF_INET]: [127, 0, 0, 1],
  [AF_INET6]: [...Array<number>(10).fill(0), 0xFF, 0xFF, 127, 0, 0, 1],
} as const;

type Family = typeof AF_INET | typeof AF_INET6;
type Bound = { port: number; close: () => void };

/** @returns What was bound; `undefined` if somebody has the port. */
export function bindPlaceholder(port: number): Bound | undefined {
  const result = bindIn(AF_INET6, port);
  if (typeof result !== "number") return result;
  const code = NO_SUCH_FAMILY.has(result) ? bindIn(AF_INET, port) : result;
  if (typeof code !== "number") return code;
  if (code === EADDRINUSE) return undefined;
  throw new UdpPlaceholderError(port, getSystemErrorName(-code));
}

/** @returns What was bound, or the error number. */
function bindIn(family: Family, port: number): Bound | number {
  using undo = new DisposableStack();
  const any = addressOf(family, ANY[family], port);
  const fd = libc.socket(family, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return errno();
  undo.defer(() => libc.close(fd));
  // Both families at once, whatever the system's default is; fails where there is no such option.
  if (family === AF_INET6) libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, OFF, OFF.byteLength);
  if (libc.bind(fd, any, any.byteLength) !== 0) return errno();
  const bound = portOf(fd);
  const self = addressOf(family, SELF[family], bound);
  if (libc.connect(fd, self, self.byteLength) !== 0) return errno();
  const held = undo.move();
  return { port: bound, close: () => held.dispose() };
}

function portOf(fd: number): number {
  const address = new DataView(new ArrayBuffer(28));
  libc.getsockname(fd, address, new Uint32Array([address.byteLength]));
  return address.getUint16(2);
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
function addressOf(
  family: Family,
  bytes: readonly number[],
  port: number,
): Uint8Array<ArrayBuffer> {
  const address = new DataView(new ArrayBuffer(family === AF_INET ? 16 : 28));
  address.setUint16(0, family, true);
  address.setUint16(2, port);
  const offset = family === AF_INET ? 4 : 8;
  bytes.forEach((byte, index) => address.setUint8(offset + index, byte));
  return new Uint8Array(address.buffer);
}
