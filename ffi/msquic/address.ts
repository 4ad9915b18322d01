import { InvalidOptionError, isPort } from "../../base/mod.ts";
import { libc } from "../libraries/libc.ts";
import { Addr, AddressFamily } from "./abi/mod.ts";
import { allocStruct, cString } from "./native_memory.ts";
import { isIPv4, isIPv6 } from "node:net";

/** An IP address, as a literal, and a UDP port. */
export interface Address {
  /**
   * An IPv4 or IPv6 literal, without brackets; one of the link alone (`fe80::/10`) says behind a `%` at
   * which network interface (RFC 4007 section 11), by its name or its number, on Windows its number.
   */
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
 * @throws {InvalidOptionError} If it names a network interface that is not there.
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
  const [literal = "", zone] = hostname.split(/%(.*)/s);
  if (!isIPv6(literal)) {
    throw new TypeError(`Cannot use "${hostname}": it is not an IPv4 or IPv6 address`);
  }
  address.setUint16(Addr.Family, AddressFamily.INET6, true);
  ipv6Groups(literal).forEach((group, i) => address.setUint16(Addr.Ipv6 + 2 * i, group));
  if (zone !== undefined) address.setUint32(Addr.ScopeId, scopeOf(hostname, zone), true);
  return address;
}

/**
 * Encodes the address that a listener serves. For MsQuic, `::` is the wildcard of IPv6 alone; here it is
 * that of both families, as most programs have it.
 */
export function encodeListenAddress(address: Address): DataView<ArrayBuffer> {
  const struct = encodeAddress(address);
  if (decodeAddressStruct(struct).hostname === "::") {
    struct.setUint16(Addr.Family, AddressFamily.UNSPEC, true);
  }
  return struct;
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
  const family = address.getUint16(Addr.Family, true);
  if (family === AddressFamily.UNSPEC) return { hostname: "::", port };
  if (family !== AddressFamily.INET6) {
    const bytes = [0, 1, 2, 3].map((i) => address.getUint8(Addr.Ipv4 + i));
    return { hostname: bytes.join("."), port };
  }
  const groups = Array.from({ length: 8 }, (_, i) => address.getUint16(Addr.Ipv6 + 2 * i));
  // The URL parser writes the canonical form of RFC 5952.
  const url = new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`);
  const literal = url.hostname.slice(1, -1);
  const scope = isLinkLocal(literal) ? address.getUint32(Addr.ScopeId, true) : 0;
  return { hostname: scope === 0 ? literal : `${literal}%${scope}`, port };
}

/** Whether an IPv6 literal is one of the link alone: `fe80::/10` (RFC 4291 section 2.5.6). */
export function isLinkLocal(literal: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(literal);
}

/** The number of the network interface that a zone names. */
function scopeOf(hostname: string, zone: string): number {
  if (/^\d{1,9}$/.test(zone)) return Number(zone);
  const byName = Deno.build.os !== "windows" && zone !== "";
  const scope = byName ? libc.if_nametoindex(cString(zone)) : 0;
  if (scope !== 0) return scope;
  const wanted = byName ? "give one of this machine" : "give its number";
  throw new InvalidOptionError(
    `Cannot use address ${hostname}: there is no network interface "${zone}"; ${wanted}`,
  );
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
