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
 * @returns Undefined if none is running, nor workers that have outlived one.
 */
export async function findLocalInstance(instance: string): Promise<LocalInstance | undefined> {
  const { keptWorkers, StateDirectory } = await import("../manager/mod.ts");
  const { processAlive } = await import("../ffi/mod.ts");
  const state = new StateDirectory(instance);
  const [info, token] = await Promise.all([state.readInstanceInfo(), state.readToken()]);
  if (info === undefined || token === undefined) return undefined;
  const hostname = reachableHost(info.host);
  // What a killed manager has left behind leads nowhere, unless its workers go on.
  const ports = processAlive(info.pid)
    ? info.ports
    : (await keptWorkers(state)).map(({ port }) => port);
  if (ports.length === 0) return undefined;
  const servers = ports.map((port) => ({ hostname, port }));
  return { servers, token, fingerprint: info.fingerprint };
}

/** Workers that listen on every address are reached on loopback. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
