import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { CodedError, delay, systemReason } from "../../base/mod.ts";
import { InvalidOptionError } from "../config/config.ts";

/** A port that this user may not use. */
export class PortNotAllowedError extends CodedError {
  readonly code = "permission-denied";

  constructor(host: string, port: number) {
    super(
      `Cannot bind UDP port ${port} on ${host}: the system does not allow it; ` +
        `choose one of 1024 or higher with --ports`,
    );
  }
}

/** How long a socket of ours may go on holding its port once it is closed, in milliseconds. */
const CLOSING_MS = 20;

/** IPv6 and IPv4 at once, or IPv4 alone where the system has no IPv6. */
const WILDCARDS = ["::", "0.0.0.0"];
const NO_SUCH_FAMILY = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/**
 * Whether a UDP port is free for MsQuic, which binds it on all addresses at once, whichever it is told
 * to serve: nobody may have it open on any address.
 *
 * Found out by binding it for a moment, without SO_REUSEPORT: that way the system refuses what is in
 * use, also if those who use it are willing to share.
 *
 * @param host The address to be served, which must be one of this machine.
 * @throws {InvalidOptionError} If it is not.
 * @throws {PortNotAllowedError} If the port is reserved to the administrator.
 */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const code = await tryBind(host, port);
  if (code !== undefined) return isTaken(code, host, port);
  for (const wildcard of WILDCARDS) {
    const code = await tryBindAgain(wildcard, port);
    if (code === undefined) return true;
    if (!NO_SUCH_FAMILY.includes(code)) return isTaken(code, host, port);
  }
  return true;
}

/**
 * Checks that workers can listen on `host`.
 *
 * @throws {InvalidOptionError} If it is no address of this machine.
 */
export async function checkHost(host: string): Promise<void> {
  const code = await tryBind(host, 0);
  if (code !== undefined) isTaken(code, host, 0);
}

/** @returns False, if that is what the error says. */
function isTaken(code: string, host: string, port: number): false {
  if (code === "EADDRINUSE") return false;
  if (code !== "EACCES") {
    throw new InvalidOptionError(
      `Cannot listen on ${host}: ${systemReason(code)}; give one of this machine with --host`,
    );
  }
  // Windows says so of a port that is in exclusive use.
  if (Deno.build.os === "windows") return false;
  throw new PortNotAllowedError(host, port);
}

/**
 * As {@linkcode tryBind}, right after another socket of ours has had the port: the runtime says that a
 * socket is closed a moment before the system has closed it.
 */
async function tryBindAgain(host: string, port: number): Promise<string | undefined> {
  const endsAt = performance.now() + CLOSING_MS;
  for (;;) {
    const code = await tryBind(host, port);
    if (code !== "EADDRINUSE" || performance.now() >= endsAt) return code;
    await delay(1);
  }
}

/** @returns The system's error code; `undefined` if it could be bound. */
async function tryBind(host: string, port: number): Promise<string | undefined> {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  socket.bind({ address: host, port, exclusive: true }, () => resolve(undefined));
  const code = await promise;
  await new Promise<void>((closed) => socket.close(closed));
  return code;
}
