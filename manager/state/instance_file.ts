import { getLogger } from "@logtape/logtape";
import type { InstanceInfo } from "./instance_info.ts";
import type { StateDirectory } from "./state_directory.ts";

const logger = getLogger(["msquicd", "manager"]);

/** Keeps `instance.json` up to date for as long as the manager runs. */
export class InstanceFile implements AsyncDisposable {
  readonly #state: StateDirectory;
  #written: string;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(state: StateDirectory, written: string) {
    this.#state = state;
    this.#written = written;
  }

  /** Writes it for the first time. @throws {Error} If the system does not let it. */
  static async create(state: StateDirectory, info: InstanceInfo): Promise<InstanceFile> {
    await state.writeInstanceInfo(info);
    return new InstanceFile(state, JSON.stringify(info));
  }

  /** Writes it again, if it has changed; resolves when what was given is there. Never rejects. */
  update(info: InstanceInfo): Promise<void> {
    const text = JSON.stringify(info);
    if (this.#closed || text === this.#written) return this.#writing;
    this.#written = text;
    return this.#writing = this.#writing.then(() => this.#write(info, text));
  }

  async #write(info: InstanceInfo, text: string): Promise<void> {
    // A newer one is on its way.
    if (text !== this.#written || this.#closed) return;
    try {
      await this.#state.writeInstanceInfo(info);
    } catch (error) {
      logger.warning("Cannot write {file}: {error}", { file: this.#state.instanceFile, error });
    }
  }

  /** Removes it: nobody is to be reached any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#state.removeInstanceInfo();
  }
}
