import type { Address, FingerprintSource } from "../../client/mod.ts";
import type { StateDirectory } from "../../manager/mod.ts";

/** What it takes to use the workers of a manager on this machine. */
export interface LocalInstance {
  servers: Address[];
  /** Whether they are also reached at `::1`, being named here by 127.0.0.1. */
  onBothLoopbacks?: true;
  token: string;
  /** Of the workers' certificates, as they are at the moment. */
  fingerprint: FingerprintSource;
}

/**
 * Looks up a manager of this machine and user in its state directory.
 *
 * @returns Without servers, if none of its workers serves; undefined if none is running, nor workers
 *   that have outlived one.
 */
export async function findLocalInstance(instance: string): Promise<LocalInstance | undefined> {
  const { keptWorkers, StateDirectory } = await import("../../manager/mod.ts");
  const { processAlive } = await import("../../ffi/mod.ts");
  const state = new StateDirectory(instance);
  const [info, token] = await Promise.all([state.readInstanceInfo(), state.readToken()]);
  if (info === undefined || token === undefined) return undefined;
  const hostname = reachableHost(info.host);
  // What a killed manager has left behind leads nowhere, unless its workers go on.
  const managed = processAlive(info.pid);
  const ports = managed ? info.ports : (await keptWorkers(state)).map(({ port }) => port);
  if (ports.length === 0 && !managed) return undefined;
  const servers = ports.map((port) => ({ hostname, port }));
  const fingerprint = fingerprintsOf(state, info.fingerprints);
  const found = { servers, token, fingerprint };
  return info.host === "::" ? { ...found, onBothLoopbacks: true } : found;
}

/** Follows when the certificate is replaced; goes on with what it was when the manager is gone. */
function fingerprintsOf(state: StateDirectory, first: readonly string[]): FingerprintSource {
  let known = first;
  let fresh = true;
  return async () => {
    if (!fresh) {
      known = (await state.readInstanceInfo().catch(() => undefined))?.fingerprints ?? known;
    }
    fresh = false;
    return known;
  };
}

/** Workers that listen on every address are reached on loopback, where even machines without IPv6 have IPv4. */
function reachableHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
