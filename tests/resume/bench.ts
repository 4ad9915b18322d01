import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TokenGrant } from "../../base/token_grant.ts";
import { delay } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import type { HandlerRegistry } from "../../handlers/messages/mod.ts";
import {
  type KeptLimits,
  lockUpload,
  openStorageRoot,
  type StorageRoot,
} from "../../transfer/mod.ts";
import { Server } from "../../worker/mod.ts";
import { startSweeping } from "../../worker/life/upload_sweep.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import "../fixtures/loaded_msquic.ts";
import { ClientConnection } from "../worker/client_connection.ts";
import { TestCounters, TOKEN } from "../worker/fakes.ts";

export const MIB = 1024 * 1024;

/** Servers in this process that share a storage, as workers do, and their clients. */
export class ResumeBench implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  readonly #certificate: { certificateFile: string; privateKeyFile: string; fingerprint: string };
  readonly #directory: string;
  readonly counters = new TestCounters();

  private constructor(
    directory: string,
    certificate: { certificateFile: string; privateKeyFile: string; fingerprint: string },
    resources: AsyncDisposableStack,
  ) {
    this.#directory = directory;
    this.#certificate = certificate;
    this.#resources = resources;
  }

  /** @param place An empty directory, which stays; by default one of its own. */
  static async open(place?: string): Promise<ResumeBench> {
    await using resources = new AsyncDisposableStack();
    const certificate = resources.use(await makeTestCertificate());
    const directory = await Deno.realPath(
      place ?? await Deno.makeTempDir({ prefix: "msquicd-resume-" }),
    );
    if (place === undefined) resources.defer(() => Deno.remove(directory, { recursive: true }));
    await Deno.mkdir(join(directory, "storage"));
    return new ResumeBench(directory, certificate, resources.move());
  }

  get root(): string {
    return join(this.#directory, "storage");
  }

  /** What a client needs besides a server's address. */
  get access() {
    return { token: TOKEN, fingerprint: this.#certificate.fingerprint };
  }

  /** A path for what a client writes. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /**
   * One more server. With `limits`, it keeps no more than that of interrupted uploads.
   *
   * @param parts What is not as by default of its storage.
   * @param handlers What it serves, where not as by default.
   */
  async serve(
    limits?: KeptLimits,
    parts?: Partial<Pick<StorageRoot, "space" | "check" | "quotas" | "durability">>,
    tokens: readonly TokenGrant[] = [],
    handlers?: HandlerRegistry,
  ): Promise<Server> {
    const root = { ...await openStorageRoot(this.root), ...parts };
    const sweep = limits && this.#resources.use(startSweeping(root, lockUpload, limits));
    const onKept = () => sweep?.noteKept();
    const server = await Server.start({
      address: { hostname: "127.0.0.1", port: 0 },
      certificateFile: this.#certificate.certificateFile,
      privateKeyFile: this.#certificate.privateKeyFile,
      token: TOKEN,
      tokens,
      storage: { ...root, owner: "test", tryLock: lockUpload, onKept },
      counters: this.counters,
      ...(handlers === undefined ? {} : { handlers }),
    });
    return this.#resources.use(server);
  }

  async connect(server: Server, token: string = TOKEN): Promise<Client> {
    return this.#resources.use(
      await connect({ server: server.address, ...this.access, token, failover: false }),
    );
  }

  /** A connection without this project's client, which has not said hello. */
  async raw(server: Server): Promise<ClientConnection> {
    return this.#resources.use(await ClientConnection.open(server, this.#certificate.fingerprint));
  }

  /** A local file. */
  async source(data: Uint8Array, name = "source"): Promise<string> {
    const path = join(this.#directory, name);
    await Deno.writeFile(path, data);
    return path;
  }

  /** What is stored under a name. */
  stored(name: string): Promise<Uint8Array> {
    return Deno.readFile(join(this.root, name));
  }

  /** Names of what is staged. */
  staged(): string[] {
    const directory = join(this.root, ".msquicd", "uploads");
    return Array.from(Deno.readDirSync(directory), ({ name }) => name);
  }

  /** Waits until the servers receive nothing any more. */
  async idle(): Promise<void> {
    await until("nothing is received", () => !this.counters.values.transfers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Bytes that no compression, and no mistake about offsets, leaves the same. */
export function randomData(length: number): Uint8Array {
  const data = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(data.subarray(at, Math.min(at + 65_536, length)));
  }
  return data;
}

/** Changes one byte of a file. */
export async function flip(path: string, at: number): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  await file.seek(at, Deno.SeekMode.Start);
  await file.read(byte);
  byte[0] = byte[0]! ^ 1;
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(byte);
}

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** Waits for a condition, at most 30 seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain: ${what}`);
    await delay(5);
  }
}
