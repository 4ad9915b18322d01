import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readLines } from "../../base/lines.ts";
import { connect } from "../../client/mod.ts";
import type { Stream } from "../../ffi/mod.ts";
import { encodeMessage, Flags, MessageType } from "../../protocol/mod.ts";
import { waitFor } from "../e2e/harness.ts";
import { within } from "../ffi/within.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { TOKEN } from "../fixtures/server.ts";
import { ClientConnection } from "./client_connection.ts";
import { DEAF, TIRED } from "./stopping_handlers.ts";

const MIB = 1024 * 1024;
const SERVER = fileURLToPath(new URL("stopping_server.ts", import.meta.url));
const BUDGET = 384 * MIB;
const CONNECTIONS = 20;
/** On each connection, so many of either kind of upload, and twice as many downloads. */
const EACH = 25;

/** What all else takes: what MsQuic and JavaScript have for 20 connections and 2,000 requests. */
const BESIDE = 64 * MIB;
/** A buffer of MsQuic that is read from when a larger one takes its place stays until that is done. */
const RETIRED = 1.25;

/** What the server says of itself. */
interface Memory {
  rss: number;
  memoryUsed: number;
}

/** A server in a process of its own. */
class StoppingServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  port = 0;

  constructor(...args: string[]) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", SERVER, ...args],
      stdin: "piped",
      stdout: "piped",
    });
    this.#child = command.spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = readLines(this.#child.stdout, { maxBytes: 4096 });
  }

  async #next(): Promise<unknown> {
    return JSON.parse((await within(30_000, "a line of the server", this.#lines.next())).value!);
  }

  async start(): Promise<void> {
    this.port = (await this.#next() as { port: number }).port;
  }

  async memory(): Promise<Memory> {
    await this.#input.write(new TextEncoder().encode("\n"));
    return await this.#next() as Memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {}); // it has ended already
    await this.#child.status;
    while (!(await this.#lines.next()).done); // up to the end, which closes the pipe
  }
}

// Of the clients, none reads or sends on; of the server's handlers, half never read, half stop after a while.
Deno.test("Server holds no more for two thousand transfers that stand still than its budget, and serves others", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-stalled-" });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => Deno.remove(directory, { recursive: true }));
  const certificate = undo.use(await makeTestCertificate());
  const { certificateFile, privateKeyFile, fingerprint } = certificate;
  const root = join(directory, "storage");
  const server = undo.use(
    new StoppingServer(root, certificateFile, privateKeyFile, TOKEN, String(BUDGET)),
  );
  await server.start();
  const large = join(root, "large");
  await Deno.create(large).then((file) => file.close());
  await Deno.truncate(large, 64 * MIB);
  const before = await server.memory();
  assert.equal(before.memoryUsed, 0);

  const address = { address: { hostname: "127.0.0.1", port: server.port } };
  const upload = (type: number) => encodeMessage({ type, flags: Flags.data, body: {} });
  const download = encodeMessage({ type: MessageType.fileGet, flags: 0, body: { name: "large" } });
  const data = new Uint8Array(16 * MIB);
  const clients = undo.use(new AsyncDisposableStack());
  for (let index = 0; index < CONNECTIONS; index++) {
    const client = clients.use(
      await ClientConnection.open(address, fingerprint, { idleTimeoutMs: 60_000 }),
    );
    assert.equal((await client.request(MessageType.hello, { token: TOKEN })).flags, Flags.response);
    const streams: Promise<Stream>[] = [];
    for (let each = 0; each < EACH; each++) {
      streams.push(client.send(upload(DEAF), { fin: false }));
      streams.push(client.send(upload(TIRED), { fin: false }));
      streams.push(client.send(download), client.send(download));
    }
    for (const [place, stream] of (await Promise.all(streams)).entries()) {
      if (place % 4 < 2) stream.send(data).catch(() => {});
    }
  }
  let last = before;
  await waitFor("nothing more comes", async () => {
    const now = await server.memory();
    const still = now.memoryUsed === last.memoryUsed && Math.abs(now.rss - last.rss) < MIB;
    last = now;
    return still && now.memoryUsed > BUDGET / 2;
  });

  assert.ok(last.memoryUsed <= BUDGET, `${last.memoryUsed / MIB} MiB of the budget`);
  const grown = last.rss - before.rss;
  assert.ok(grown <= RETIRED * BUDGET + BESIDE, `${grown / MIB} MiB larger`);

  const file = join(directory, "small");
  await Deno.writeFile(file, data.subarray(0, 3 * MIB));
  await using client = await connect({
    server: `127.0.0.1:${server.port}`,
    token: TOKEN,
    fingerprint,
  });
  await within(30_000, "a ping", client.ping());
  await within(30_000, "a file", client.put(file, "small"));
  assert.equal((await Deno.stat(join(root, "small"))).size, 3 * MIB);

  await clients.disposeAsync();
  await waitFor("all is given back", async () => (await server.memory()).memoryUsed === 0);
});
