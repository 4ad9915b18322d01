import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { get } from "../../client/get.ts";
import { encodeAnswer, encodeErrorAnswer, Flags, ProtocolError } from "../../protocol/mod.ts";
import { type Answerer, FakeServer } from "./fake_server.ts";

const DATA = crypto.getRandomValues(new Uint8Array(50_000));
const MTIME = 1_600_000_000_000;

/** Serves `DATA`; `edit` may damage the SHA-256 and the bytes after it. */
function serving(edit: (trailer: Uint8Array) => Uint8Array = (trailer) => trailer): Answerer {
  return async ({ type, body }, stream) => {
    const { name } = body as { name: string };
    const head = encodeAnswer(type, { name, size: DATA.length, mtime: MTIME }, Flags.data);
    const trailer = createHash("sha256").update(DATA).digest();
    await Promise.all([
      stream.send(head),
      stream.send(DATA.subarray(0, 7)),
      stream.send(DATA.subarray(7)),
      stream.send(edit(trailer), { fin: true }),
    ]);
  };
}

async function withDirectory(test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "msquicd-get-" });
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function filesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
}

Deno.test("get() writes the file with its time, and nothing else", async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, "copy.bin");
    const seen: [number, number][] = [];
    const result = await get(new FakeServer(serving()), "dir/a.bin", path, {
      onProgress: (bytes, total) => seen.push([bytes, total]),
    });
    assert.deepEqual(await Deno.readFile(path), DATA);
    assert.equal((await Deno.stat(path)).mtime?.getTime(), MTIME);
    assert.deepEqual(await filesIn(directory), ["copy.bin"]);
    assert.deepEqual(seen.at(-1), [DATA.length, DATA.length]);
    const { ms, limitedBy, ...rest } = result;
    assert.ok(ms >= 0 && typeof limitedBy === "string");
    assert.deepEqual(rest, {
      name: "dir/a.bin",
      path,
      bytes: DATA.length,
      wireBytes: DATA.length,
      sha256: createHash("sha256").update(DATA).digest("hex"),
      resumedFrom: 0,
      streams: 1,
    });
  });
});

Deno.test("get() leaves nothing behind where the data is damaged", async () => {
  const damages: [(trailer: Uint8Array) => Uint8Array, string][] = [
    [(trailer) => trailer.map((byte) => byte ^ 1), "hash-mismatch"],
    [(trailer) => trailer.subarray(1), "size-mismatch"],
    [(trailer) => new Uint8Array([...trailer, 0]), "size-mismatch"],
  ];
  for (const [damage, code] of damages) {
    await withDirectory(async (directory) => {
      const fetching = get(new FakeServer(serving(damage)), "a", join(directory, "a"), {});
      await assert.rejects(fetching, { name: "ProtocolError", code });
      assert.deepEqual(await filesIn(directory), []);
    });
  }
});

Deno.test("get() leaves nothing behind where the server refuses", async () => {
  await withDirectory(async (directory) => {
    const server = new FakeServer(({ type }, stream) =>
      stream.send(encodeErrorAnswer(type, new ProtocolError("not-found", "No such file")), {
        fin: true,
      })
    );
    await assert.rejects(get(server, "a", join(directory, "a"), {}), { code: "not-found" });
    assert.deepEqual(await filesIn(directory), []);
  });
});

Deno.test("get() keeps a file that is there, unless told to replace it", async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, "a");
    await Deno.writeTextFile(path, "old");
    const server = new FakeServer(serving());
    await assert.rejects(get(server, "a", path, {}), { code: "file-exists" });
    assert.equal(server.streams.length, 0);
    // The file here is from now, the server's from long ago.
    await assert.rejects(get(server, "a", path, { overwrite: "newer" }), { code: "not-newer" });
    assert.equal(await Deno.readTextFile(path), "old");
    await Deno.utime(path, new Date(0), new Date(0));
    await get(server, "a", path, { overwrite: "newer" });
    assert.deepEqual(await Deno.readFile(path), DATA);
    await Deno.writeTextFile(path, "old again");
    await get(server, "a", path, { overwrite: "always" });
    assert.deepEqual(await Deno.readFile(path), DATA);
    assert.deepEqual(await filesIn(directory), ["a"]);
  });
});

Deno.test("get() refuses names and destinations that cannot be", async () => {
  await withDirectory(async (directory) => {
    const server = new FakeServer(serving());
    const bad = get(server, "../a", join(directory, "a"), {});
    await assert.rejects(bad, { code: "invalid-name" });
    await assert.rejects(get(server, "a", directory, {}), { code: "is-a-directory" });
    const file = join(directory, "file");
    await Deno.writeTextFile(file, "kept");
    await assert.rejects(get(server, "a", join(file, "a"), {}), { code: "not-a-directory" });
    assert.deepEqual(await filesIn(directory), ["file"]);
  });
});

Deno.test("get() does not take another file for the one it asked for", async () => {
  await withDirectory(async (directory) => {
    const answer = { name: "b", size: 1, mtime: 0 };
    const server = new FakeServer(({ type }, stream) =>
      stream.send(encodeAnswer(type, answer, Flags.data), { fin: true })
    );
    await assert.rejects(get(server, "a", join(directory, "a"), {}), { code: "bad-body" });
  });
});

Deno.test("get() is cancelled by its signal, and leaves nothing behind", async () => {
  await withDirectory(async (directory) => {
    const aborting = new AbortController();
    const reason = new Error("Changed my mind");
    const server = new FakeServer(async ({ type }, stream) => {
      const head = encodeAnswer(type, { name: "a", size: 10, mtime: 0 }, Flags.data);
      await stream.send(head);
      await stream.send(new Uint8Array(5));
    });
    const fetching = get(server, "a", join(directory, "a"), {
      signal: aborting.signal,
      onProgress: () => aborting.abort(reason),
    });
    await assert.rejects(fetching, (error) => error === reason);
    assert.deepEqual(await filesIn(directory), []);
  });
});
