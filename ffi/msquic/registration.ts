import type { Library } from "./library.ts";
import type { Profile, Runtime } from "./runtime.ts";

/** Options of {@linkcode Registration}. */
export interface RegistrationOptions {
  /** What MsQuic optimises for; default: low latency. */
  profile?: Profile;
}

/** What a registration closes before itself. */
export interface RegistrationChild {
  close(): void | Promise<void>;
}

/**
 * The owner of listeners, connections and configurations.
 *
 * MsQuic's own registration behind it stays open until the process exits and is used again by the
 * next one: closing it would free what the event loop's next poll looks at (MsQuic 2.5, custom
 * execution).
 */
export class Registration implements AsyncDisposable {
  readonly #children = new Set<RegistrationChild>();
  readonly #configurations = new Set<Disposable>();
  readonly #handle: Deno.PointerValue;
  #closed: Promise<void> | undefined;

  /** For this folder alone. */
  readonly runtime: Runtime;

  /** @throws {MsQuicError} If MsQuic cannot open it. */
  constructor(library: Library, options: RegistrationOptions = {}) {
    this.runtime = library.runtime;
    this.#handle = this.runtime.registration(options.profile ?? "low-latency");
  }

  /** For this folder alone. */
  get handle(): Deno.PointerValue {
    if (this.#closed !== undefined) throw new TypeError("Cannot use a closed registration");
    return this.#handle;
  }

  /** For this folder alone: a listener or connection that is to be closed with the registration. */
  adopt(child: RegistrationChild): void {
    this.#children.add(child);
  }

  /** For this folder alone: a configuration, which is closed after its users. */
  adoptConfiguration(configuration: Disposable): void {
    this.#configurations.add(configuration);
  }

  /** For this folder alone: a child that is closed. */
  release(child: RegistrationChild): void {
    this.#children.delete(child);
  }

  /** For this folder alone: a configuration that is closed. */
  releaseConfiguration(configuration: Disposable): void {
    this.#configurations.delete(configuration);
  }

  /** Closes its listeners and connections, then its configurations. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all(Array.from(this.#children, (child) => child.close()));
    for (const configuration of this.#configurations) configuration[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
