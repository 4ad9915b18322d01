import { join } from "node:path";
import { removeIfThere } from "../../base/mod.ts";
import type { CertificatePair } from "./certificate_pair.ts";
import { ensurePrivateDirectory, writePrivateFile } from "./private_files.ts";

/** What workers load: files that stay what they are. */
export interface UsedFiles {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

/**
 * Copies of the pairs that workers are to present, in a directory that is ours alone. Whatever happens to the
 * files that they come from, a worker loads a pair that was checked, and all of it.
 */
export class UsedPairs implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws {NotPrivateError | StateError} If the directory cannot be made, or is not ours alone. */
  static async open(directory: string): Promise<UsedPairs> {
    await ensurePrivateDirectory(directory);
    const pairs = new UsedPairs(directory);
    // What a manager has left that was killed: its workers have loaded it.
    await pairs.keepOnly([]);
    return pairs;
  }

  /** Writes a pair, unless it is there. @throws {StateError} If the system does not let it. */
  async put({ id, pem, keyPem }: CertificatePair): Promise<UsedFiles> {
    const certificateFile = join(this.#directory, `${id}.cert.pem`);
    const privateKeyFile = join(this.#directory, `${id}.key.pem`);
    if (!await isThere(privateKeyFile)) {
      await writePrivateFile(privateKeyFile, keyPem, { durable: false });
    }
    if (!await isThere(certificateFile)) {
      await writePrivateFile(certificateFile, pem, { durable: false });
    }
    return { certificateFile, privateKeyFile };
  }

  /** Removes the files of all but these. */
  async keepOnly(pairs: readonly CertificatePair[]): Promise<void> {
    for await (const { name } of Deno.readDir(this.#directory)) {
      if (pairs.some(({ id }) => name.startsWith(id))) continue;
      await removeIfThere(join(this.#directory, name), { recursive: true });
    }
  }

  /** Removes them all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await removeIfThere(this.#directory, { recursive: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
