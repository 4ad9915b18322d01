import { delay } from "../../base/mod.ts";
import { UdpPlaceholder } from "../../ffi/port/udp_placeholder.ts";
import { UdpPlaceholderError } from "../../ffi/port/udp_placeholder_error.ts";
import type { PortClaims } from "./port_claims.ts";
import { checkHost, isPortFree, PortNotAllowedError } from "./port_probe.ts";

/** How long the port of a worker that has ended may take to be free, in milliseconds. */
const PATIENCE_MS = 500;

/** How often to look whether it is. */
const LOOK_MS = 25;

/**
 * The ports that are this manager's, whether a worker listens on them or not.
 *
 * MsQuic shares a port with nobody. On Linux a placeholder holds each of them while no worker does; it
 * is closed when the worker is about to bind the port. On Windows there is none: a claim keeps off the
 * other managers of this user, and only those.
 */
export class PortKeeper implements Disposable {
  /** Address the workers listen on. */
  readonly host: string;
  readonly #claims: PortClaims;
  readonly #placeholders = new Map<number, UdpPlaceholder>();
  readonly #adopted = new Set<number>();
  readonly #looks = new Map<number, Promise<boolean>>();
  #hostChecked: Promise<void> | undefined;

  /** @param claims Belongs to the keeper from then on. */
  constructor(host: string, claims: PortClaims) {
    this.host = host;
    this.#claims = claims;
  }

  /** Whether the port is this manager's. */
  has(port: number): boolean {
    return this.#claims.has(port);
  }

  /** Whether a placeholder holds the port at the moment. */
  holds(port: number): boolean {
    return this.#placeholders.has(port);
  }

  /**
   * Takes a port that nobody has.
   *
   * @returns False if somebody has it, this manager included.
   * @throws {InvalidOptionError} If the host is no address of this machine.
   * @throws {PortNotAllowedError} If the port is reserved to the administrator.
   */
  async tryTake(port: number): Promise<boolean> {
    // The claim comes first: from then on no other manager can get in between.
    if (this.#claims.has(port) || !this.#claims.tryClaim(port)) return false;
    let bound = false;
    try {
      return bound = await this.#bind(port);
    } finally {
      if (!bound) this.#claims.release(port);
    }
  }

  /**
   * Takes a port on which a worker of this instance is serving already: without a look at whether it
   * is free, and without a placeholder until the worker's first life is over.
   *
   * @returns False if another manager has claimed it.
   */
  adopt(port: number): boolean {
    const claimed = this.#claims.tryClaim(port);
    if (claimed) this.#adopted.add(port);
    return claimed;
  }

  /** Whether it was taken by {@linkcode adopt}. */
  isAdopted(port: number): boolean {
    return this.#adopted.has(port);
  }

  /**
   * Holds a port of this manager's while nobody listens on it; on Windows: looks whether it is free.
   *
   * @returns False if somebody has got it meanwhile.
   */
  async hold(port: number): Promise<boolean> {
    if (this.#placeholders.has(port)) return true;
    return UdpPlaceholder.supported ? await this.#bind(port) : await this.#look(port);
  }

  /** Lets a worker bind the port, which stays this manager's. */
  letGo(port: number): void {
    this.#placeholders.get(port)?.[Symbol.dispose]();
    this.#placeholders.delete(port);
  }

  release(port: number): void {
    this.letGo(port);
    this.#adopted.delete(port);
    this.#claims.release(port);
  }

  async #bind(port: number): Promise<boolean> {
    if (!UdpPlaceholder.supported) return await isPortFree(this.host, port);
    await (this.#hostChecked ??= checkHost(this.host));
    // Somebody else of us was faster, or has let go of the port.
    if (this.#placeholders.has(port)) return true;
    if (!this.#claims.has(port)) return false;
    try {
      const placeholder = UdpPlaceholder.tryBind(port);
      if (placeholder) this.#placeholders.set(port, placeholder);
      return placeholder !== undefined;
    } catch (error) {
      const refused = error instanceof UdpPlaceholderError && error.reason === "EACCES";
      throw refused ? new PortNotAllowedError(this.host, port) : error;
    }
  }

  /** A look binds the port for a moment: two at once would take each other for somebody else. */
  #look(port: number): Promise<boolean> {
    let look = this.#looks.get(port);
    if (look === undefined) {
      look = this.#lookPatiently(port).finally(() => this.#looks.delete(port));
      this.#looks.set(port, look);
    }
    return look;
  }

  /** The system may say that a worker has ended a moment before it has its port back. */
  async #lookPatiently(port: number): Promise<boolean> {
    const endsAt = performance.now() + PATIENCE_MS;
    while (!await isPortFree(this.host, port)) {
      if (performance.now() >= endsAt) return false;
      await delay(LOOK_MS);
    }
    return true;
  }

  [Symbol.dispose](): void {
    for (const placeholder of this.#placeholders.values()) placeholder[Symbol.dispose]();
    this.#placeholders.clear();
    this.#claims[Symbol.dispose]();
  }
}
