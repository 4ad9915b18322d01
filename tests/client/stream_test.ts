import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Client } from "../../client/client.ts";
import { type ByteReader, connect } from "../../client/mod.ts";
import {
  encodeAnswer,
  encodeErrorAnswer,
  Flags,
  messages,
  MessageType,
  ProtocolError,
} from "../../protocol/mod.ts";
import { withServer } from "../fixtures/server.ts";
import { LOST, Net } from "./fake_net.ts";

const MIB = 1024 * 1024;
const RESOURCES = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Something of which so many bytes can be read, at most `most` at a time. */
function readerOf(data: Uint8Array, most: number): ByteReader {
  let at = 0;
  return {
    read(buffer) {
      if (at === data.length) return Promise.resolve(null);
      const bytes = data.subarray(at, at + Math.min(most, buffer.length));
      buffer.set(bytes);
      at += bytes.length;
      return Promise.resolve(bytes.length);
    },
  };
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

Deno.test("putStream() stores what can be read once, and getStream() hands it on", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    await using client = await connect({ server, token, fingerprint });
    for (
      const [length, most] of [[0, 1], [10, 3], [MIB, 100_000], [3 * MIB + 7, 65_536]] as const
    ) {
      const data = new Uint8Array(length).map((_, index) => index * 7);
      const name = `dir/${length}`;
      const seen: number[] = [];
      const onProgress = (bytes: number) => seen.push(bytes);
      const put = await client.putStream(readerOf(data, most), name, { onProgress });
      assert.deepEqual([put.bytes, put.sha256, put.server], [length, sha256(data), server]);
      assert.deepEqual(await Deno.readFile(join(directory, "storage", name)), data);
      if (length > 0) assert.equal(seen.at(-1), length);
      const got = new Uint8Array(length);
      let at = 0;
      const result = await client.getStream(name, (bytes) => {
        got.set(bytes, at);
        at += bytes.length;
        return Promise.resolve();
      });
      assert.deepEqual([at, result.sha256, result.bytes], [length, sha256(data), length]);
      assert.deepEqual(got, data);
    }
    const taken = client.putStream(readerOf(new Uint8Array(2 * MIB), MIB), "dir/10");
    await assert.rejects(taken, { code: "file-exists", message: /"dir\/10" on / });
    const silent: ByteReader = { read: () => new Promise(() => {}) };
    const signal = AbortSignal.timeout(20);
    await assert.rejects(client.putStream(silent, "silent", { signal }), { name: "TimeoutError" });
    let first = true;
    const failing: ByteReader = {
      read(buffer) {
        if (!first) return Promise.reject(new Error("Cannot be read"));
        first = false;
        return Promise.resolve(buffer.fill(1).length);
      },
    };
    const large = readerOf(new Uint8Array(MIB), MIB);
    const source: ByteReader = {
      read: async (buffer) => await large.read(buffer) ?? await failing.read(buffer),
    };
    await assert.rejects(client.putStream(source, "failing"), /Cannot be read/);
    await assert.rejects(
      client.getStream("dir/10", () => Promise.reject(new Error("Takes nothing"))),
      /Takes nothing/,
    );
    await assert.rejects(client.getStream("none", () => Promise.resolve()), { code: "not-found" });
    const all = Array.from(Deno.readDirSync(join(directory, "storage")), ({ name }) => name);
    assert.deepEqual(all.sort(), [".msquicd", "dir"]);
  });
});

Deno.test("putStream() says that an older server has to know the size, and sends nothing twice", async () => {
  const net = new Net();
  net.up(1, ({ type }, stream) => {
    stream.abortReceive(6);
    const refusal = new ProtocolError("unknown-type", "Message type is unknown");
    return stream.send(encodeErrorAnswer(type, refusal), { fin: true });
  });
  net.up(2, () => assert.fail("It is sent again"));
  await using client = new Client({ roaming: await net.roam([1, 2]), resources: RESOURCES });
  const source = () => readerOf(new Uint8Array(3 * MIB), MIB);
  await assert.rejects(client.putStream(source(), "a"), { code: "size-unknown" });
  net.up(1, () => {
    net.down(1);
    net.to(1).connection.end(LOST);
  });
  await using other = new Client({ roaming: await net.roam([1, 2]), resources: RESOURCES });
  await assert.rejects(other.putStream(source(), "a"), { code: "request-lost" });
});

Deno.test("getStream() goes on where it was when its connection is lost, and knows what is wrong", async () => {
  const data = new Uint8Array(1000).map((_, index) => index);
  const info = { name: "a", size: data.length, mtime: 5 };
  const net = new Net();
  net.up(1, async ({ type }, stream) => {
    await stream.send(encodeAnswer(type, info, Flags.data));
    await stream.send(data.subarray(0, 300));
    net.down(1);
    net.to(1).connection.end(LOST);
  });
  let hash = createHash("sha256").update(data).digest();
  net.up(2, async ({ type, body }, stream) => {
    assert.equal(type, MessageType.fileGet);
    const { offset = 0, size, mtime } = messages.fileGet.parseRequest(body);
    if (offset > 0) assert.deepEqual([size, mtime], [1000, 5]);
    await stream.send(encodeAnswer(type, info, Flags.data));
    await stream.send(data.subarray(offset));
    await stream.send(new Uint8Array(hash), { fin: true });
  });
  await using client = new Client({ roaming: await net.roam([1, 2]), resources: RESOURCES });
  const got: number[] = [];
  const take = (bytes: Uint8Array) => Promise.resolve(void got.push(...bytes));
  const { sha256: digest } = await client.getStream("a", take);
  assert.deepEqual(Uint8Array.from(got), data);
  assert.equal(digest, sha256(data));
  hash = createHash("sha256").digest();
  await assert.rejects(client.getStream("a", take), { code: "hash-mismatch" });
});

Deno.test("getStream() is done with what is borrowed when it ends, also where nobody takes it", async () => {
  const net = new Net();
  net.up(1, async ({ type }, stream) => {
    const info = { name: "a", size: 2 * MIB, mtime: 5 };
    await stream.send(encodeAnswer(type, info, Flags.data));
    await stream.send(new Uint8Array(2 * MIB));
  });
  await using client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
  let used = 0;
  const take = (bytes: Uint8Array) => {
    const subarray = bytes.subarray.bind(bytes);
    bytes.subarray = (...range) => {
      used++;
      return subarray(...range);
    };
    return Promise.reject(new Error("Takes nothing"));
  };
  await assert.rejects(client.getStream("a", take), /Takes nothing/);
  const before = used;
  assert.ok(before > 0);
  for (let turn = 0; turn < 20; turn++) await delay(0);
  assert.equal(used, before);
});
