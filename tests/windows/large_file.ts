import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { names, type Site, waitFor } from "../e2e/harness.ts";
import type { Server } from "./server.ts";

const MIB = 2 ** 20;

/** What must have arrived before an upload is interrupted, in bytes. */
const ARRIVED = 4 * MIB;

/** A file that takes much longer to send than to interrupt. */
export class LargeFile {
  readonly path: string;
  /** Its length in bytes. */
  readonly size: number;
  readonly #sha256: string;

  private constructor(path: string, data: Uint8Array) {
    this.path = path;
    this.size = data.length;
    this.#sha256 = sha256Of(data);
  }

  static async make(site: Site): Promise<LargeFile> {
    const path = site.path("large");
    const data = randomBytes(192 * MIB);
    await Deno.writeFile(path, data);
    return new LargeFile(path, data);
  }

  /** Waits until a part of it is on the server. */
  async underWay({ uploads }: Server): Promise<void> {
    await waitFor("the upload is under way", () =>
      names(uploads).some((name) => {
        const size = sizeOf(join(uploads, name));
        return size !== undefined && size > ARRIVED;
      }));
  }

  /** Checks that the server has it, all of it, and nothing else. */
  async assertStored(server: Server): Promise<void> {
    assert.equal(sha256Of(await Deno.readFile(join(server.root, "large"))), this.#sha256);
    assert.deepEqual(names(server.uploads), []);
    assert.deepEqual(names(server.root), [".msquicd", "large"]);
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return undefined; // gone since
  }
}

function sha256Of(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
