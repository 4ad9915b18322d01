import { getLogger } from "@logtape/logtape";
import { systemReason } from "../../base/mod.ts";
import { libc } from "../libraries/libc.ts";
import type { Address } from "./address.ts";

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_BINDTODEVICE = 25;
const SOCK_DGRAM = 2;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCKADDR_IN6_SIZE = 28;

/** Whether an address cannot be reached from another machine. */
export function isLoopback({ hostname }: Address): boolean {
  return hostname === "::1" || hostname.startsWith("127.");
}

/**
 * Makes the kernel deliver only what comes over the loopback interface to the UDP sockets of this
 * process on `port`. Linux only; elsewhere nothing happens.
 *
 * MsQuic binds every listener to the wildcard address and filters by itself, after it has parsed the
 * packet: a server for this machine alone would still answer others, if only to refuse them.
 */
export function restrictToLoopback(port: number): void {
  if (Deno.build.os !== "linux") return;
  try {
    const device = new TextEncoder().encode("lo\0");
    for (const fd of socketsOn(port)) {
      if (libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, device.length) !== 0) {
        noteUnrestricted(port, "the system does not allow it");
      }
    }
  } catch (error) {
    noteUnrestricted(port, systemReason(error)); // no descriptor is left to look at the others with
  }
}

/** MsQuic still refuses what comes from elsewhere. */
function noteUnrestricted(port: number, reason: string): void {
  getLogger(["msquicd", "ffi"]).debug("UDP port {port} stays bound to all interfaces: {reason}", {
    port,
    reason,
  });
}

/** File descriptors of this process's UDP sockets that are bound to `port`. */
function socketsOn(port: number): number[] {
  return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => Number(name)).filter((fd) => {
    const type = new Uint32Array(1);
    const typeLength = new Uint32Array([type.byteLength]);
    if (libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, type, typeLength) !== 0) return false;
    if (type[0] !== SOCK_DGRAM) return false;
    const address = new DataView(new ArrayBuffer(SOCKADDR_IN6_SIZE));
    const length = new Uint32Array([SOCKADDR_IN6_SIZE]);
    if (libc.getsockname(fd, address, length) !== 0) return false;
    const family = address.getUint16(0, true);
    return (family === AF_INET || family === AF_INET6) && address.getUint16(2) === port;
  });
}
