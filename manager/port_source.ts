import { NoFreePortError, PortInUseError } from "./port_allocator.ts";
import type { PortClaims } from "./port_claims.ts";
import { isPortFree } from "./port_probe.ts";

/** Where workers get their ports that are started while the manager runs. */
export interface PortSource {
  /** A free port, claimed. @throws {NoFreePortError} If there is none. */
  allocate(): Promise<number>;
  /** This port, claimed. @throws {PortInUseError} If somebody else has it. */
  claim(port: number): Promise<number>;
  /** Gives a claimed port back. */
  release(port: number): void;
}

/** How many ports are tried. */
const MAX_TRIES = 1000;

/**
 * Ports from a base up.
 *
 * @param claims Holds the claims on all ports of this manager.
 */
export function portsFrom(host: string, base: number, claims: PortClaims): PortSource {
  async function tryClaim(port: number): Promise<boolean> {
    if (claims.has(port) || !claims.tryClaim(port)) return false;
    if (await isPortFree(host, port)) return true;
    claims.release(port);
    return false;
  }
  return {
    async allocate() {
      const last = Math.min(base + MAX_TRIES, 65536);
      for (let port = base; port < last; port++) if (await tryClaim(port)) return port;
      throw new NoFreePortError(host, base);
    },
    async claim(port) {
      if (await tryClaim(port)) return port;
      throw new PortInUseError(host, port);
    },
    release: (port) => claims.release(port),
  };
}
