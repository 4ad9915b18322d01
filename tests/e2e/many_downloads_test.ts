import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeMessage, Flags, MessageType } from "../../protocol/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { ClientConnection } from "../worker/client_connection.ts";
import { Site, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const CONNECTIONS = 3;
const STREAMS = 100;

interface WorkerStatus {
  pid: number;
  restarts: number;
  transfers: number;
  rssBytes: number;
}

// I4
Deno.test("msquicd: downloads that nobody reads hold little memory, and others are served", async () => {
  await using site = await Site.create(1);
  const manager = await site.start();
  const large = join(site.root, "large");
  await Deno.create(large).then((file) => file.close());
  await Deno.truncate(large, 64 * MIB);
  const status = async () => (await site.json<{ workers: WorkerStatus[] }>("status")).workers[0]!;
  const before = await status();
  const server = { address: { hostname: "127.0.0.1", port: site.ports[0]! } };
  const token = await site.token();
  await using clients = new AsyncDisposableStack();
  const get = { type: MessageType.fileGet, body: { name: "large" } };
  for (let count = 0; count < CONNECTIONS; count++) {
    const client = clients.use(await ClientConnection.open(server, manager.report.fingerprint));
    const { flags } = await client.request(MessageType.hello, { token });
    assert.equal(flags, Flags.response);
    for (let stream = 0; stream < STREAMS; stream++) await client.send(encodeMessage(get));
  }
  const all = CONNECTIONS * STREAMS;
  await waitFor("all are under way", async () => (await status()).transfers === all);
  const fetched = site.path("fetched");
  const { code, stderr } = await site.run("get", "large", "-o", fetched);
  assert.equal(code, 0, stderr);
  assert.equal((await Deno.stat(fetched)).size, 64 * MIB);
  const after = await status();
  assert.deepEqual([after.pid, after.transfers], [before.pid, all]);
  const grown = after.rssBytes - before.rssBytes;
  assert.ok(grown < 400 * MIB, `${grown / MIB} MiB`);
  await clients.disposeAsync();
  await waitFor("they are over", async () => (await status()).transfers === 0);
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
});
