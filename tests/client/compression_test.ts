import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { isWorthwhile } from "../../client/compressing.ts";
import { outgoingBytes, wantedBytes } from "../../client/compression.ts";
import type { CompressionMode } from "../../base/mod.ts";
import type { HelloResponse } from "../../protocol/mod.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { type Bench, withServer } from "../fixtures/server.ts";
import { noise, text } from "../transfer/compression/contents.ts";
import { FakeTasks } from "../transfer/compression/fake_tasks.ts";
import { canCompress } from "../../transfer/compression/can_compress.ts";
import { testWithZstandard } from "../fixtures/zstandard.ts";

const MIB = 1024 * 1024;

function connected(
  { server, token, fingerprint }: Pick<Bench, "server" | "token" | "fingerprint">,
  compress?: CompressionMode,
): Promise<Client> {
  const mode = compress === undefined ? {} : { compress };
  return connect({ server, token, fingerprint, ...mode });
}

function readerOf(bytes: Uint8Array) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(at, at + buffer.length);
      at += piece.length;
      buffer.set(piece);
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

testWithZstandard(
  "With zstd, files go compressed both ways, whole ones, streams and many, and arrive as they are",
  () =>
    withServer(async (bench) => {
      await using client = await connected(bench, "zstd");
      const path = join(bench.directory, "big");
      const data = text(2.5 * MIB);
      await Deno.writeFile(path, data);
      const put = await client.put(path, "whole");
      const stream = await client.putStream(readerOf(data), "stream");
      const copy = join(bench.directory, "copy");
      const get = await client.get("whole", copy);
      const pieces: Uint8Array[] = [];
      const got = await client.getStream("stream", (bytes) => {
        pieces.push(bytes.slice());
        return Promise.resolve();
      });
      for (const { bytes, wireBytes = Infinity, sha256 } of [put, stream, get, got]) {
        assert.equal(bytes, data.length);
        assert.ok(wireBytes < bytes / 5, `${wireBytes}`);
        assert.equal(sha256, put.sha256);
      }
      assert.deepEqual(await Deno.readFile(copy), data);
      assert.equal((await client.sum("stream")).sha256, put.sha256);

      const small = Array.from(
        { length: 50 },
        (_, n) => ({ source: text(5000 + n), name: `m/${n}` }),
      );
      for await (const outcome of client.putMany(small)) {
        assert.ok("result" in outcome);
        assert.equal(outcome.result.wireBytes, undefined);
      }
      const wanted = small.map(({ name }) => ({ name, path: join(bench.directory, name) }));
      for await (const outcome of client.getMany(wanted)) assert.ok("result" in outcome);
      for (const { source, name } of small) {
        assert.deepEqual(await Deno.readFile(join(bench.directory, name)), source);
      }
      assert.ok((bench.running.taskFigures.tasks["decompress"]?.done ?? 0) >= 4);
    }),
);

Deno.test("With none nothing is compressed, and with auto nothing small", () =>
  withServer(async (bench) => {
    await using none = await connected(bench, "none");
    await using auto = await connected(bench);
    const data = text(1.5 * MIB);
    const copy = join(bench.directory, "copy");
    assert.equal((await none.put(data, "a")).wireBytes, data.length);
    assert.equal((await none.get("a", copy)).wireBytes, data.length);
    assert.equal((await auto.put(text(60_000), "b")).wireBytes, 60_000);
    assert.deepEqual(bench.running.taskFigures.tasks, {});
  }));

Deno.test({
  name:
    "With auto, a slow path carries a fraction of what can be compressed, and of the rest no more",
  ignore: Deno.build.os !== "linux" || !canCompress(),
  fn: () =>
    withServer(async ({ port, token, fingerprint, directory }) => {
      await using network = await BadNetwork.start({ targets: [port], rttMs: 20, rateMbit: 60 });
      await using client = await connected({
        server: `127.0.0.1:${network.port}`,
        token,
        fingerprint,
      });
      const data = text(3 * MIB);
      const copy = join(directory, "copy");
      const up = await client.put(data, "text");
      const down = await client.get("text", copy);
      for (const { wireBytes = Infinity } of [up, down]) assert.ok(wireBytes < data.length / 5);
      const { wireBytes = Infinity } = await client.put(noise(MIB), "noise");
      assert.ok(wireBytes <= MIB + 100, `${wireBytes}`);
    }),
});

Deno.test("A server that says nothing of compression is sent bytes as they are", async () => {
  const hello: HelloResponse = { session: "s", server: "older/1", maxBodyLength: 1000 };
  const compressingWith = (answer: HelloResponse) => ({
    compressing: {
      mode: "auto" as const,
      tasks: new FakeTasks(),
      greeted: Promise.resolve(answer),
      pays: () => true,
    },
  });
  const older = compressingWith(hello);
  assert.deepEqual((await outgoingBytes(older, undefined)).said, {});
  const other = compressingWith({ ...hello, compressions: ["lz4"] });
  assert.deepEqual((await outgoingBytes(other, undefined)).said, {});
  const newer = compressingWith({ ...hello, compressions: ["lz4", "zstd"] });
  assert.deepEqual((await outgoingBytes(newer, undefined)).said, { compression: "zstd" });
  // A short one is not worth a round trip, and goes as it is where nothing is known yet.
  assert.deepEqual((await outgoingBytes(newer, undefined, MIB)).said, { compression: "zstd" });
  const pending = { ...newer.compressing, greeted: new Promise<HelloResponse>(() => {}) };
  assert.deepEqual((await outgoingBytes({ compressing: pending }, undefined, MIB)).said, {});
  // Nor does anything on a path that turns out to be short.
  let looks = 0;
  const short = { compressing: { ...newer.compressing, pays: () => looks++ < 1 } };
  assert.deepEqual((await outgoingBytes(short, undefined)).said, {});
  assert.deepEqual(wantedBytes(short), {});
  // What is asked for nevertheless it ignores.
  assert.deepEqual(wantedBytes(older), { compression: "auto" });
  assert.deepEqual(wantedBytes({}), {});
});

Deno.test("With auto, a short path is left alone, unless the client keeps to a rate", () => {
  const cases = [["auto", 0.9, false], ["auto", 1, true], ["auto", 40, true], ["zstd", 0.1, true]];
  for (const [mode, roundTripMs, expected] of cases as ["auto" | "zstd", number, boolean][]) {
    assert.equal(isWorthwhile(mode, roundTripMs, { within: false }), expected);
    assert.equal(isWorthwhile(mode, roundTripMs, { within: false, pacer: {} }), true);
  }
  // Within a machine it is a processor that is waited for, unless somebody has put a network there.
  for (const [roundTripMs, expected] of [[1, false], [9, false], [10, true]] as const) {
    assert.equal(isWorthwhile("auto", roundTripMs, { within: true }), expected);
  }
});
