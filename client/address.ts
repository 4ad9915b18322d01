import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { isPort, orAborted } from "../base/mod.ts";
import { type Address, isLinkLocal } from "../ffi/mod.ts";
import { AddressError, NameResolutionError } from "./errors.ts";

/** Servers to connect to: one or several, as text (`HOST:PORT[,PORT…]`) or taken apart. */
export type Servers = string | Address | readonly (string | Address)[];

/**
 * Takes servers apart.
 *
 * In a text, commas separate servers, and one that is only a port belongs to the host before it:
 * `127.0.0.1:4433,4434` are two. An IPv6 address is written in brackets: `[::1]:4433`,
 * `[fe80::1%eth0]:4433`.
 *
 * @throws {AddressError} A text that is no address, or none at all.
 */
export function parseServers(servers: Servers): Address[] {
  const list = Array.isArray(servers) ? servers : [servers];
  const addresses = list.flatMap((item) =>
    typeof item === "string" ? parseList(item) : [checkAddress(item)]
  );
  if (addresses.length === 0) {
    throw new AddressError("No server is named; give at least one as HOST:PORT");
  }
  return addresses;
}

/** Checks one that was given taken apart. */
function checkAddress(address: unknown): Address {
  const { hostname, port } = Object(address) as Partial<Record<string, unknown>>;
  if (typeof hostname !== "string" || !/^[^\s\[\]]+$/.test(hostname)) {
    throw new AddressError(
      "A server is given without its host; write HOST:PORT, or { hostname, port }",
    );
  }
  if (isPort(port)) return { hostname: checkZone(hostname), port };
  throw new AddressError(`Port ${port} of "${hostname}" is not between 1 and 65535`);
}

function parseList(text: string): Address[] {
  const addresses: Address[] = [];
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const host = addresses.at(-1)?.hostname;
    if (host !== undefined && /^\d+$/.test(part)) {
      addresses.push({ hostname: host, port: parsePort(part, text) });
    } else {
      addresses.push(parseAddress(part));
    }
  }
  return addresses;
}

/**
 * Takes one `HOST:PORT` apart.
 *
 * @throws {AddressError} It is not one.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\[\]]+)\]|([^:\[\]\s]+)):(\d+)$/.exec(text);
  const hostname = match?.[1] ?? match?.[2];
  const port = match?.[3];
  if (hostname === undefined || port === undefined) {
    throw new AddressError(
      `"${text}" is not a server; write HOST:PORT, as in 127.0.0.1:4433 or [::1]:4433`,
    );
  }
  return { hostname: checkZone(hostname), port: parsePort(port, text) };
}

function checkZone(hostname: string): string {
  if (isIPv6(hostname) && isLinkLocal(hostname) && !hostname.includes("%")) {
    throw new AddressError(
      `"${hostname}" is an address of one link alone; say through which network interface, as in ` +
        `[${hostname}%eth0]`,
    );
  }
  return hostname;
}

function parsePort(digits: string, text: string): number {
  const port = Number(digits);
  if (isPort(port)) return port;
  throw new AddressError(`Port ${digits} in "${text}" is not between 1 and 65535`);
}

/**
 * Every IP address behind a server's host name, in the order the system prefers; a literal is
 * returned as it is.
 *
 * @param signal Ends the wait for the system's answer.
 * @throws {NameResolutionError} The name is unknown.
 */
export async function resolveAddress(address: Address, signal?: AbortSignal): Promise<Address[]> {
  const { hostname, port } = address;
  if (isLiteral(hostname)) return [address];
  const found = await orAborted(lookUp(hostname), signal);
  return found.map((literal) => ({ hostname: literal, port }));
}

async function lookUp(hostname: string): Promise<string[]> {
  const unresolved = `Cannot find the host "${hostname}": its name leads to no address`;
  try {
    const found = await lookup(hostname, { all: true });
    if (found.length > 0) return [...new Set(found.map((entry) => entry.address))];
  } catch (cause) {
    throw new NameResolutionError(unresolved, { cause });
  }
  throw new NameResolutionError(unresolved);
}

/** Whether a host is an IP address and not a name. */
export function isLiteral(hostname: string): boolean {
  return isIP(hostname.replace(/%.*$/, "")) !== 0;
}
