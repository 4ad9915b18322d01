import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeMessage, Flags, MessageType } from "../../protocol/mod.ts";
import { type ClientConnection, readAnswer } from "../worker/client_connection.ts";
import { TOKEN } from "../worker/fakes.ts";
import { MIB, newId, randomData, ResumeBench, sha256, until } from "./bench.ts";

const { hello, filePut, fileResume } = MessageType;

/** Sends the beginning of an upload, and then nothing. */
async function begin(client: ClientConnection, id: string, data: Uint8Array, length: number) {
  const body = { name: "a", size: data.length, id };
  const head = encodeMessage({ type: filePut, flags: Flags.data, body });
  const stream = await client.send(head, { fin: false });
  await stream.send(data.subarray(0, length));
  return stream;
}

async function open(bench: ResumeBench): Promise<ClientConnection> {
  const client = await bench.raw(await bench.serve());
  assert.equal((await client.request(hello, { token: TOKEN })).flags, Flags.response);
  return client;
}

for (const where of ["the same server", "another server"]) {
  Deno.test(`put() takes an upload over from an earlier attempt that hangs, at ${where}`, async () => {
    await using bench = await ResumeBench.open();
    const one = await bench.serve();
    const raw = await bench.raw(one);
    await raw.request(hello, { token: TOKEN });
    const data = randomData(20 * MIB);
    const id = newId();
    const hanging = await begin(raw, id, data, 8 * MIB);
    const client = await bench.connect(where === "another server" ? await bench.serve() : one);
    const result = await client.put(data, "a", { id });
    assert.equal(result.sha256, sha256(data));
    assert.ok(result.resumedFrom > 0);
    const answer = await readAnswer(hanging);
    assert.equal(answer.body.code, "cannot-resume");
    assert.equal(Buffer.compare(await bench.stored("a"), data), 0);
    assert.deepEqual(bench.staged(), []);
  });
}

Deno.test("put() goes on when only the hash is missing", async () => {
  await using bench = await ResumeBench.open();
  const raw = await open(bench);
  const data = randomData(3 * MIB);
  const id = newId();
  await begin(raw, id, data, data.length);
  // What has arrived is not yet written.
  const staging = join(bench.root, ".msquicd", "uploads");
  await until(
    "everything is written",
    () => bench.staged().some((name) => Deno.lstatSync(join(staging, name)).size === data.length),
  );
  raw.connection.shutdown();
  await bench.idle();
  const client = await bench.connect(await bench.serve());
  assert.equal((await client.put(data, "a", { id })).resumedFrom, data.length);
  assert.equal(Buffer.compare(await bench.stored("a"), data), 0);
  assert.deepEqual(bench.staged(), []);
});

Deno.test("file.put refuses ids and offsets that make no sense", async () => {
  await using bench = await ResumeBench.open();
  const raw = await open(bench);
  const id = newId();
  const body = { name: "a", size: 2 * MIB };
  for (
    const [fields, code] of [
      [{ id: "../../../../etc/passwd" }, "bad-body"],
      [{ id: id.toUpperCase() + "A" }, "bad-body"],
      [{ id: 7 }, "bad-body"],
      [{ id, part: "x" }, "bad-body"],
      [{ part: id }, "bad-body"],
      [{ offset: 0 }, "bad-body"],
      [{ id, offset: 2 * MIB + 1 }, "bad-body"],
      [{ id, offset: -1 }, "bad-body"],
      [{ id, offset: MIB }, "cannot-resume"],
    ] as const
  ) {
    const answer = await raw.request(filePut, { ...body, ...fields }, new Uint8Array(10));
    assert.equal(answer.body.code, code, JSON.stringify(fields));
  }
  for (const fields of [{ id: "x" }, {}, { id, name: 5 }, { id, size: -1 }]) {
    const answer = await raw.request(fileResume, { ...body, ...fields });
    assert.equal(answer.body.code, "bad-body", JSON.stringify(fields));
  }
  const outside = await raw.request(fileResume, { id, name: "../a", size: 1 });
  assert.equal(outside.body.code, "invalid-name");
  assert.deepEqual((await raw.request(fileResume, { id, ...body })).body, { offset: 0 });
  await until("nothing is left", () => bench.staged().length === 0);
});

// I6
Deno.test("uploads that are begun and left are kept up to a number, and one that goes on is not among them", async () => {
  await using bench = await ResumeBench.open();
  const limits = { count: 20, bytes: Infinity };
  const servers = [await bench.serve(limits), await bench.serve(limits)];
  const patient = await bench.raw(servers[0]!);
  await patient.request(hello, { token: TOKEN });
  const data = randomData(3 * MIB);
  const going = await begin(patient, newId(), data, MIB);
  await until("it is received", () => bench.staged().length === 1);
  await Promise.all(servers.map(async (server) => {
    const raw = await bench.raw(server);
    await raw.request(hello, { token: TOKEN });
    for (let round = 0; round < 5; round++) {
      const ids = Array.from({ length: 30 }, newId);
      await Promise.all(ids.map((id) => begin(raw, id, data, 10_000)));
    }
    await until("many are received", () => bench.staged().length > 2 * limits.count);
    raw.connection.shutdown();
  }));
  await until("few are kept", () => bench.staged().length <= limits.count);
  await going.send(data.subarray(MIB));
  await going.send(Buffer.from(sha256(data), "hex"), { fin: true });
  assert.equal((await readAnswer(going)).body.sha256, sha256(data));
  assert.ok(bench.staged().length < limits.count);
});
