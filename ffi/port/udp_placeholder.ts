import { bindPlaceholder } from "./udp_placeholder_linux.ts";

/**
 * Keeps a UDP port from other programs, without receiving anything on it.
 *
 * The port is bound on all addresses, as MsQuic does it, and shared with nobody: it has to be closed
 * right before MsQuic is to have it. It is connected to itself, so that the kernel answers clients at
 * once that nobody is there (udp(7)), and they go elsewhere.
 *
 * What stays open: being connected, it keeps out those who bind all addresses or `127.0.0.1`, not
 * those who bind another single address.
 */
export class UdpPlaceholder implements Disposable {
  /** Linux only. */
  static readonly supported: boolean = Deno.build.os === "linux";

  readonly port: number;
  #close: (() => void) | undefined;

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  /**
   * Takes a port that nobody has.
   *
   * @param port 0 for any.
   * @returns `undefined` if somebody has it.
   * @throws {UdpPlaceholderError} If the system refuses it for another reason.
   */
  static tryBind(port: number): UdpPlaceholder | undefined {
    const bound = bindPlaceholder(port);
    return bound && new UdpPlaceholder(bound.port, bound.close);
  }

  [Symbol.dispose](): void {
    this.#close?.();
    this.#close = undefined;
  }
}
