import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { Site } from "./harness.ts";
import { Load } from "./load.ts";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Stores file after file until it is stopped; remembers what must be there. */
class Uploads {
  readonly #client: Client;
  readonly stored = new Map<string, string>();
  readonly failures: unknown[] = [];
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(client: Client, readonly prefix: string) {
    this.#client = client;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const data = new Uint8Array(randomBytes(3_000_000));
      const name = `${this.prefix}/${number}`;
      try {
        await this.#client.put(data, name);
        this.stored.set(name, sha256(data));
      } catch (error) {
        this.failures.push(error);
      }
    }
  }
}

Deno.test("A rolling restart under requests and uploads loses no request and no byte", async () => {
  await using site = await Site.create(3);
  const { report } = await site.start();
  const token = await site.token();
  const access = { token, fingerprint: report.fingerprint };
  await using clients = new AsyncDisposableStack();
  const loads: Load[] = [];
  const uploads: Uploads[] = [];
  for (const port of report.ports) {
    const server = `127.0.0.1:${port}`;
    const client = clients.use(await connect({ server, ...access }));
    loads.push(clients.use(new Load(client, 4)));
    uploads.push(new Uploads(client, `by-${port}`));
  }
  await Promise.all(loads.map((load) => load.more(20)));
  const before = await site.json<{ workers: { pid: number }[] }>("status");
  await site.json("restart", "all", "--rolling");
  const after = await site.json<{ workers: { pid: number; state: string }[] }>("status");
  const pids = new Set(before.workers.map(({ pid }) => pid));
  for (const { pid, state } of after.workers) {
    assert.equal(state, "ready");
    assert.ok(!pids.has(pid), `Worker ${pid} was not replaced`);
  }
  await Promise.all(loads.map((load) => load.more(20)));
  await Promise.all([...loads, ...uploads].map((each) => each.stop()));
  assert.deepEqual([...loads, ...uploads].flatMap(({ failures }) => failures), []);
  for (const { stored } of uploads) {
    assert.ok(stored.size > 0);
    for (const [name, hash] of stored) {
      assert.equal(sha256(await Deno.readFile(join(site.root, name))), hash, name);
    }
  }
  await clients.disposeAsync();
  await site.json("shutdown");
  await site.assertNothingLeft();
});
