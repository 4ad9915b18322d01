import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { encode } from "@msgpack/msgpack";
import { concat } from "../../base/mod.ts";
import { connect } from "../../client/mod.ts";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import { callControl, StateDirectory } from "../../manager/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { newId, randomData } from "../resume/bench.ts";
import { names, type Running, Site, sizeOf, type StartReport, waitFor } from "./harness.ts";
import { frame, InteropClient, parseAnswer } from "./interop_client.ts";

/** Message types and a flag of docs/protocol.md. */
const HELLO = 1;
const PING = 2;
const PUT = 16;
const RESUME = 21;
const DATA = 4;

const MIB = 1024 * 1024;

/** How much of an upload the stopped worker has, its successor has before the other goes on, and all. */
const FIRST = MIB;
const SECOND = FIRST + 4096;
const SIZE = FIRST + 8192;

/** How many uploads are taken over at once; what is left of them fits into a socket's buffer. */
const UPLOADS = 16;

/** No client goes on elsewhere sooner than after this time, in milliseconds. */
const PATIENCE_MS = 1500;

/** Two workers, neither of which the manager ends for not giving a sign of life. */
class Scene implements AsyncDisposable {
  readonly site: Site;
  readonly #manager: Running & { report: StartReport };
  readonly #certificate: string;
  readonly #token: string;
  readonly #clients: InteropClient[] = [];

  private constructor(site: Site, manager: Running & { report: StartReport }) {
    this.site = site;
    this.#manager = manager;
    this.#certificate = Deno.readTextFileSync(join(site.state, "cert.pem"));
    this.#token = Deno.readTextFileSync(join(site.state, "token")).trim();
  }

  static async open(): Promise<Scene> {
    const site = await Site.create(2);
    const config = site.path("msquicd.jsonc");
    await Deno.writeTextFile(config, JSON.stringify({ stallDeadlineMs: 600_000 }));
    return new Scene(site, await site.start("--config", config));
  }

  signal(worker: 0 | 1, name: "SIGSTOP" | "SIGCONT"): void {
    Deno.kill(this.#worker(worker).pid, name);
  }

  /** A client of one worker that does what the test says and nothing by itself. */
  async client(worker: 0 | 1): Promise<InteropClient> {
    const client = await InteropClient.connect(this.#worker(worker).port, this.#certificate);
    this.#clients.push(client);
    await client.request(HELLO, { token: this.#token });
    return client;
  }

  /** This project's client, connected to the first worker. */
  connect() {
    const server = `127.0.0.1:${this.#worker(0).port}`;
    return connect({ server, token: this.#token, fingerprint: this.#manager.report.fingerprint });
  }

  /** Waits until so many staged files are that long. */
  async arrived(length: number, count = 1): Promise<void> {
    const staging = join(this.site.root, ".msquicd", "uploads");
    await waitFor(`${length} bytes have arrived`, () => {
      const long = names(staging).filter((name) => sizeOf(join(staging, name)) >= length);
      return long.length >= count;
    });
  }

  /** Waits until a worker has not given a sign of life for so long. */
  async silent(worker: 0 | 1, ms: number): Promise<void> {
    const { port } = this.#worker(worker);
    await waitFor("the worker has been silent", async () => {
      const worker = (await this.#status()).workers.find((worker) => worker.port === port);
      return (worker?.heartbeatAgeMs ?? 0) > ms;
    });
  }

  async assertStored(name: string, data: Uint8Array): Promise<void> {
    const stored = await Deno.readFile(join(this.site.root, name));
    assert.equal(Buffer.compare(stored, data), 0, "Other bytes were stored");
  }

  /** Waits until nobody moves files, and shuts down. */
  async end(): Promise<void> {
    await waitFor("nothing is under way", async () => {
      const { workers } = await this.#status();
      return workers.every(({ transfers }) => transfers === 0);
    });
    assert.deepEqual(names(join(this.site.root, ".msquicd", "uploads")), []);
    // Clients that have gone without a word would be waited for.
    await this.site.json("shutdown", "--now");
    await this.#manager.finished;
    await this.site.assertNothingLeft();
  }

  async #status(): Promise<ManagerStatus> {
    const { site } = this;
    const state = new StateDirectory(site.instance, dirname(site.state));
    return await callControl(state, "status") as ManagerStatus;
  }

  #worker(index: 0 | 1) {
    const worker = this.#manager.report.workers[index];
    assert.ok(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    await this.site[Symbol.asyncDispose]();
  }
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}

/** One upload that a stopped worker has a part of, and another worker the rest. */
class Takeover {
  readonly name: string;
  readonly #data = randomData(SIZE);
  readonly #id = newId();
  readonly #more = Promise.withResolvers<Uint8Array>();
  readonly #rest = Promise.withResolvers<Uint8Array>();
  readonly #first: Promise<Uint8Array>;
  #second: Promise<Uint8Array> | undefined;

  /** Sends the first part to a worker that is to be stopped. */
  constructor(one: InteropClient, name: string) {
    this.name = name;
    const begin = frame(PUT, DATA, encode(this.#request));
    this.#first = one.exchange(
      concat([begin, this.#data.subarray(0, FIRST)]),
      this.#more.promise,
    );
    this.#first.catch(() => {}); // of interest in finish
  }

  get #request() {
    return { name: this.name, size: SIZE, id: this.#id };
  }

  /** Sends what the worker finds when it goes on. Any byte of it that is stored shows. */
  sendRubbish(): void {
    this.#more.resolve(randomData(SIZE - FIRST + 32));
  }

  /** Goes on with the second part at another worker. */
  async goOn(two: InteropClient): Promise<void> {
    const { body } = await two.request(RESUME, this.#request);
    assert.deepEqual(body, { offset: FIRST });
    const again = frame(PUT, DATA, encode({ ...this.#request, offset: FIRST }));
    const second = this.#data.subarray(FIRST, SECOND);
    this.#second = two.exchange(concat([again, second]), this.#rest.promise);
    this.#second.catch(() => {}); // as before
  }

  /** Waits for the answer of the worker that was stopped, and then sends the last part. */
  async finish(scene: Scene): Promise<void> {
    const { body: late } = parseAnswer(await this.#first);
    assert.match(String(late.code), /^(cannot-resume|hash-mismatch)$/);
    this.#rest.resolve(concat([this.#data.subarray(SECOND), sha256(this.#data)]));
    assert.ok(this.#second);
    const { body } = parseAnswer(await this.#second);
    assert.equal(body.sha256, sha256(this.#data).toHex(), JSON.stringify(body));
    await scene.assertStored(this.name, this.#data);
  }
}

for (const early of [true, false]) {
  const when = early ? "while its successor waits for it" : "when its successor has given it up";
  Deno.test(`A worker that was stopped in uploads, and goes on ${when}, spoils none`, async () => {
    await using scene = await Scene.open();
    const one = await scene.client(0);
    // It writes before it sees that it has lost them, or after: with many, both.
    const uploads = Array.from(
      { length: UPLOADS },
      (_, index) => new Takeover(one, `${index}.bin`),
    );
    await scene.arrived(FIRST, UPLOADS);
    scene.signal(0, "SIGSTOP");
    for (const upload of uploads) upload.sendRubbish();
    const two = await scene.client(1);
    for (const upload of uploads) await upload.goOn(two);
    if (early) await scene.silent(0, 500);
    else await scene.arrived(SECOND, UPLOADS);
    scene.signal(0, "SIGCONT");
    await Promise.all(uploads.map((upload) => upload.finish(scene)));
    assert.ok((await one.request(PING, {})).body.time);
    await scene.end();
  });
}

Deno.test("A client whose worker is stopped in an upload goes on at another one, and alone", async () => {
  await using scene = await Scene.open();
  await using client = await scene.connect();
  const data = randomData(64 * MIB);
  const putting = client.put(data, "moved.bin");
  await scene.arrived(8 * MIB);
  scene.signal(0, "SIGSTOP");
  const result = await putting;
  assert.equal(result.sha256, sha256(data).toHex());
  assert.ok(result.resumedFrom >= 8 * MIB);
  await scene.assertStored("moved.bin", data);
  scene.signal(0, "SIGCONT");
  await scene.end();
  await scene.assertStored("moved.bin", data);
});

for (const size of [1000, 100_000]) {
  Deno.test(`An upload of ${size} bytes that a stopped worker finds later is not stored again`, async () => {
    await using scene = await Scene.open();
    const [old, young] = [randomData(size), randomData(size)];
    const upload = { name: "twice.bin", size, id: newId(), overwrite: "always" };
    const [one, two] = [await scene.client(0), await scene.client(1)];
    const body = (data: Uint8Array) => concat([data, sha256(data)]);
    scene.signal(0, "SIGSTOP");
    const first = one.request(PUT, upload, body(old));
    first.catch(() => {}); // of interest below
    await scene.silent(0, PATIENCE_MS);
    assert.deepEqual((await two.request(RESUME, upload)).body, { offset: 0 });
    const stored = await two.request(PUT, { ...upload, offset: 0 }, body(old));
    assert.equal(stored.body.sha256, sha256(old).toHex());
    await two.request(PUT, { ...upload, id: newId() }, body(young));
    await scene.assertStored("twice.bin", young);
    scene.signal(0, "SIGCONT");
    assert.equal((await first).body.sha256, sha256(old).toHex());
    await scene.assertStored("twice.bin", young);
    await scene.end();
  });
}
