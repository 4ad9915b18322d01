import type { Address } from "../client/mod.ts";

/** What it takes to use the workers of a manager on this machine. */
export interface LocalInstance {
  servers: Address[];
  token: string;
  /** Lower-case hex SHA-256 of the workers' certificate. */
  fingerprint: string;
}

/**
 * Looks up a manager of this machine and user in its state directory.
 *
 * @returns Undefined if none is running.
 */
export async function findLocalInstance(instance: string): Promise<LocalInstance | undefined> {
  const { StateDirectory } = await import("../manager/mod.ts");
  const { processAlive } = await import("../ffi/mod.ts");
  const state = new StateDirectory(instance);
  const [info, token] = await Promise.all([state.readInstanceInfo(), state.readToken()]);
  // What a killed manager has left behind leads nowhere.
  if (info === undefined || token === undefined || !processAlive(info.pid)) return undefined;
  const hostname = reachableHost(info.host);
  const servers = info.ports.map((port) => ({ hostname, port }));
  return { servers, token, fingerprint: info.fingerprint };
}

/** Workers that listen on every address are reached on loopback. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
