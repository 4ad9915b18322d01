import { getLogger } from "@logtape/logtape";
import { ensureCertificate, type ServerCertificate } from "./certificate.ts";
import type { StateDirectory } from "./state_directory.ts";

const logger = getLogger(["msquicd", "manager"]);

/**
 * The certificate that a worker presents which is started now. It is looked at before each start, as it
 * may be replaced at any time; the workers that run go on with theirs.
 */
export class CurrentCertificate {
  readonly #state: StateDirectory;
  readonly #host: string;
  #seen: ServerCertificate;
  #looking: Promise<void> | undefined;
  #changed: () => void = () => {};

  private constructor(state: StateDirectory, host: string, seen: ServerCertificate) {
    this.#state = state;
    this.#host = host;
    this.#seen = seen;
  }

  /** Looks for the first time. @throws as `ensureCertificate` does. */
  static async load(state: StateDirectory, host: string): Promise<CurrentCertificate> {
    return new CurrentCertificate(state, host, await ensureCertificate(state, host));
  }

  /** As it was when it was looked at last. */
  get certificate(): ServerCertificate {
    return this.#seen;
  }

  /** Is called when another one was found, before a worker presents it. */
  set onChange(changed: () => void) {
    this.#changed = changed;
  }

  /** Looks again; several at once share a look. @throws as `ensureCertificate` does. */
  check(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<void> {
    const { fingerprint } = this.#seen;
    this.#seen = await ensureCertificate(this.#state, this.#host);
    if (this.#seen.fingerprint === fingerprint) return;
    logger.warning(
      "Workers that start from now on present another certificate, with fingerprint {fingerprint}; " +
        "clients of other machines must learn it",
      { fingerprint: this.#seen.fingerprint },
    );
    this.#changed();
  }
}
