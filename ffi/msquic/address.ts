import { isPort } from "../../base/mod.ts";
import { Addr, AddressFamily } from "./abi/mod.ts";
import { allocStruct } from "./native_memory.ts";
import { isIPv4, isIPv6 } from "node:net";

/** An IP address, as a literal, and a UDP port. */
export interface Address {
  /** An IPv4 or IPv6 literal, without brackets. */
  hostname: string;
  /** 0 to 65535; 0 asks for any free port where a port is to be bound. */
  port: number;
}

/** `hostname:port`, with IPv6 literals in brackets (RFC 3986 section 3.2.2). */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * Encodes a `QUIC_ADDR`.
 *
 * @throws {TypeError} If `hostname` is not an IP literal.
 * @throws {RangeError} If `port` is not a UDP port.
 */
export function encodeAddress({ hostname, port }: Address): DataView<ArrayBuffer> {
  if (port !== 0 && !isPort(port)) {
    throw new RangeError(`Cannot use port ${port}: it must be between 0 and 65535`);
  }
  const address = allocStruct(Addr.size);
  address.setUint16(Addr.Port, port);
  if (isIPv4(hostname)) {
    address.setUint16(Addr.Family, AddressFamily.INET, true);
    hostname.split(".").forEach((byte, i) => address.setUint8(Addr.Ipv4 + i, Number(byte)));
    return address;
  }
  if (!isIPv6(hostname) || hostname.includes("%")) {
    throw new TypeError(`Cannot use "${hostname}": it is not an IPv4 or IPv6 address`);
  }
  address.setUint16(Addr.Family, AddressFamily.INET6, true);
  ipv6Groups(hostname).forEach((group, i) => address.setUint16(Addr.Ipv6 + 2 * i, group));
  return address;
}

/** Decodes the `QUIC_ADDR` at `pointer`. */
export function decodeAddress(pointer: Deno.PointerValue): Address {
  if (pointer === null) return { hostname: "", port: 0 };
  const bytes = new Uint8Array(Addr.size);
  new Deno.UnsafePointerView(pointer).copyInto(bytes);
  return decodeAddressStruct(new DataView(bytes.buffer));
}

/** Decodes a copied `QUIC_ADDR`. */
export function decodeAddressStruct(address: DataView): Address {
  const port = address.getUint16(Addr.Port);
  if (address.getUint16(Addr.Family, true) !== AddressFamily.INET6) {
    const bytes = [0, 1, 2, 3].map((i) => address.getUint8(Addr.Ipv4 + i));
    return { hostname: bytes.join("."), port };
  }
  const groups = Array.from({ length: 8 }, (_, i) => address.getUint16(Addr.Ipv6 + 2 * i));
  // The URL parser writes the canonical form of RFC 5952.
  const url = new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`);
  return { hostname: url.hostname.slice(1, -1), port };
}

/** The eight groups of an IPv6 literal. */
function ipv6Groups(hostname: string): number[] {
  const canonical = new URL(`http://[${hostname}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const parse = (part: string) => part === "" ? [] : part.split(":").map((g) => parseInt(g, 16));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
