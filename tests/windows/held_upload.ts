import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { encode } from "@msgpack/msgpack";
import { concat } from "../../base/mod.ts";
import { frame, InteropClient, parseAnswer } from "../e2e/interop_client.ts";
import type { Server } from "./server.ts";

/** Message types and a flag of docs/protocol.md. */
const HELLO = 1;
const PING = 2;
const PUT = 16;
const DATA = 4;

const BYTES = 2 * 2 ** 20;

/**
 * An upload of which one half has been sent, by a client that has one connection and neither makes another
 * nor begins again.
 */
export class HeldUpload implements Disposable {
  readonly #client: InteropClient;
  readonly #name: string;
  readonly #data: Uint8Array = randomBytes(BYTES);
  readonly #sha256 = createHash("sha256").update(this.#data).digest();
  readonly #rest = Promise.withResolvers<Uint8Array>();
  readonly #answer: Promise<Uint8Array>;

  private constructor(client: InteropClient, name: string) {
    this.#client = client;
    this.#name = name;
    const begin = frame(PUT, DATA, encode({ name, size: BYTES }));
    const half = this.#data.subarray(0, BYTES / 2);
    this.#answer = client.exchange(concat([begin, half]), this.#rest.promise);
    this.#answer.catch(() => {}); // of interest in finish
  }

  /** Begins one at the worker on `port`. */
  static async begin(server: Server, port: number): Promise<HeldUpload> {
    const certificate = Deno.readTextFileSync(join(server.state, "cert.pem"));
    const client = await InteropClient.connect(port, certificate);
    await client.request(HELLO, { token: server.token });
    return new HeldUpload(client, `held at ${port}`);
  }

  /** Asks for something else, then sends the other half; checks that the file is there, and removes it. */
  async finish({ root }: Server): Promise<void> {
    const { body } = await this.#client.request(PING, {});
    assert.ok(body.time, JSON.stringify(body));
    this.#rest.resolve(concat([this.#data.subarray(BYTES / 2), this.#sha256]));
    const { body: stored } = parseAnswer(await this.#answer);
    assert.equal(stored.sha256, this.#sha256.toString("hex"), JSON.stringify(stored));
    const path = join(root, this.#name);
    assert.deepEqual(new Uint8Array(await Deno.readFile(path)), new Uint8Array(this.#data));
    await Deno.remove(path);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}
