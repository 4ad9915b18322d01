import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { put } from "../../client/put.ts";
import {
  encodeAnswer,
  encodeErrorAnswer,
  messages,
  ProtocolError,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import { type Answerer, FakeServer } from "./fake_server.ts";
import "../fixtures/loaded_libc.ts";

const MIB = 1024 * 1024;

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Stores what comes in `files`. */
function storing(files: Map<string, Uint8Array>): Answerer {
  return async ({ type, body }, stream, reader) => {
    const { name, size } = messages.filePut.parseRequest(body);
    const data = await reader.readExactly(size);
    const trailer = await reader.readExactly(TRAILER_LENGTH);
    await reader.expectEnd();
    assert.equal(
      trailer.reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), ""),
      sha256(data),
    );
    files.set(name, data);
    await stream.send(encodeAnswer(type, { name, size, sha256: sha256(data) }), { fin: true });
  };
}

async function withDirectory(test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "msquicd-put-" });
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("put() sends bytes of any length with their SHA-256", async () => {
  for (const length of [0, 1, MIB - 1, MIB, 2 * MIB + 5]) {
    const files = new Map<string, Uint8Array>();
    const data = new Uint8Array(length).map((_, index) => index * 7);
    const seen: number[] = [];
    const onProgress = (bytes: number) => seen.push(bytes);
    const result = await put(new FakeServer(storing(files)), data, "dir/a.bin", { onProgress });
    assert.deepEqual(files.get("dir/a.bin"), data);
    const { ms, limitedBy, ...rest } = result;
    assert.equal(typeof limitedBy, "string");
    assert.ok(Number.isInteger(ms) && ms >= 0);
    assert.deepEqual(rest, {
      name: "dir/a.bin",
      bytes: length,
      wireBytes: length,
      sha256: sha256(data),
      resumedFrom: 0,
      streams: 1,
    });
    assert.equal(seen.at(-1) ?? 0, length);
  }
});

Deno.test("put() sends a file under its own name, with its time and mode", async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, "photo.jpg");
    const data = crypto.getRandomValues(new Uint8Array(5000));
    await Deno.writeFile(path, data);
    await Deno.utime(path, new Date(1_600_000_000_000), new Date(1_600_000_000_000));
    if (Deno.build.os !== "windows") await Deno.chmod(path, 0o640);
    const files = new Map<string, Uint8Array>();
    const store = storing(files);
    const server = new FakeServer((message, stream, reader) => {
      const { id, ...request } = messages.filePut.parseRequest(message.body);
      assert.match(id ?? "", /^[0-9a-f]{32}$/);
      assert.deepEqual(request, {
        name: "photo.jpg",
        size: 5000,
        overwrite: "newer",
        mtime: 1_600_000_000_000,
        ...(Deno.build.os === "windows" ? {} : { mode: 0o640 }),
      });
      return store(message, stream, reader);
    });
    const { name } = await put(server, path, undefined, { overwrite: "newer" });
    assert.equal(name, "photo.jpg");
    assert.deepEqual(files.get("photo.jpg"), data);
  });
});

Deno.test("put() refuses what it cannot send, before it bothers the server", async () => {
  await withDirectory(async (directory) => {
    const server = new FakeServer(() => assert.fail("No request is expected"));
    const cases: [string | Uint8Array, string | undefined, string][] = [
      [join(directory, "none"), undefined, "not-found"],
      [directory, undefined, "not-a-file"],
      [new Uint8Array(1), "../up", "invalid-name"],
      [new Uint8Array(1), "", "invalid-name"],
    ];
    for (const [source, name, code] of cases) {
      await assert.rejects(put(server, source, name, {}), { code });
    }
    await assert.rejects(put(server, new Uint8Array(1), undefined, {}), {
      code: "invalid-option",
    });
    assert.equal(server.streams.length, 0);
  });
});

for (const stops of [false, true]) {
  const how = stops ? "and stops reading" : "without reading on";
  Deno.test(`put() rejects with the refusal of a server that answers early ${how}`, async () => {
    const server = new FakeServer(async ({ type }, stream) => {
      if (stops) stream.abortReceive(6);
      const refusal = new ProtocolError("file-exists", "A file of this name exists");
      await stream.send(encodeErrorAnswer(type, refusal), { fin: true });
    });
    const sending = put(server, new Uint8Array(20 * MIB), "a", {});
    await assert.rejects(sending, { name: "RemoteError", code: "file-exists" });
    assert.deepEqual(server.streams.map(({ closed }) => closed), [true]);
  });
}

Deno.test("put() does not believe a server that stored something else", async () => {
  const server = new FakeServer(async ({ type, body }, stream, reader) => {
    const { name, size } = messages.filePut.parseRequest(body);
    await reader.readExactly(size + TRAILER_LENGTH);
    await stream.send(encodeAnswer(type, { name, size, sha256: "0".repeat(64) }), { fin: true });
  });
  await assert.rejects(put(server, new Uint8Array(9), "a", {}), { code: "hash-mismatch" });
});

Deno.test("put() of a file is cancelled by its signal", async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, "big");
    await Deno.writeFile(path, new Uint8Array(20 * MIB));
    const server = new FakeServer(() => {}); // never reads on
    const aborting = new AbortController();
    const reason = new Error("Changed my mind");
    const sending = put(server, path, undefined, { signal: aborting.signal });
    const rejected = assert.rejects(sending, (error) => error === reason);
    while (server.streams.length === 0) await delay(1);
    aborting.abort(reason);
    await rejected;
    assert.deepEqual(server.streams.map(({ aborted, closed }) => [aborted, closed]), [[5, true]]);
  });
});
