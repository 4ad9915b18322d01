import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import {
  ApplicationError,
  encodeMessage,
  type FileListResponse,
  Flags,
  MessageType,
} from "../../protocol/mod.ts";
import { within } from "../ffi/within.ts";
import { type Answer, FakeStream, SessionBench } from "../worker/fakes.ts";

const { filePut, fileGet, fileList, fileStat, fileDelete } = MessageType;

/** Of files that come without one. */
const MODE = Deno.build.os === "windows" ? {} : { mode: 0o644 };

function sha256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

function put(
  bench: SessionBench,
  body: Record<string, unknown>,
  data: Uint8Array,
): Promise<Answer> {
  const framed = new Uint8Array(Buffer.concat([data, sha256(data)]));
  return bench.connection.request(filePut, { size: data.length, ...body }, framed).answer();
}

async function errorOf(answer: Promise<Answer>): Promise<unknown> {
  const { flags, body } = await answer;
  assert.equal(flags, Flags.response | Flags.error);
  return body.code;
}

/** Names of what is staged. */
function staged(bench: SessionBench): string[] {
  return Array.from(Deno.readDirSync(bench.storage.staging), ({ name }) => name);
}

function stored(bench: SessionBench, name: string): Uint8Array {
  return Deno.readFileSync(join(bench.storage.path, name));
}

Deno.test("file.put stores the file and answers with its hash", async () => {
  await using bench = await SessionBench.open();
  for (const length of [0, 1, 3_000_000]) {
    const data = new Uint8Array(randomBytes(length));
    const name = `dir/sub/${length}.bin`;
    const mtime = 1_600_000_000_000;
    const { type, flags, body } = await put(bench, { name, mtime }, data);
    assert.deepEqual([type, flags], [filePut, Flags.response]);
    assert.deepEqual(body, { name, size: length, sha256: sha256(data).toHex() });
    assert.equal(Buffer.compare(stored(bench, name), data), 0);
    const info = await Deno.stat(join(bench.storage.path, name));
    assert.equal(info.mtime?.getTime(), mtime);
  }
  assert.deepEqual(staged(bench), []);
  assert.deepEqual(bench.counters.values.transfersTotal, 3);
  assert.deepEqual(bench.counters.values.transfers, 0);
});

Deno.test("file.put answers alike whether a small file comes whole or in pieces", async () => {
  await using bench = await SessionBench.open();
  await Deno.mkdir(join(bench.storage.path, "directory"));
  const data = new Uint8Array(randomBytes(4096));
  const [size, id] = [data.length, "1".repeat(32)];
  const cases: Record<string, unknown>[] = [
    { name: "new/a", size },
    { name: "new/a", size },
    { name: "new/a", size, overwrite: "always" },
    { name: "new/a", size, overwrite: "newer", mtime: 0 },
    { name: "new/a/below", size },
    { name: "directory", size, overwrite: "always" },
    { name: "../a", size },
    { name: "id", size, id },
    { name: "id", size, id },
    { name: "short", size: size + 1 },
    { name: "long", size: size - 1 },
    { name: "large", size: 65_537 },
  ];
  const answers: Answer[][] = [];
  for (const whole of [true, false]) {
    const round: Answer[] = [];
    for (const body of cases) {
      const head = encodeMessage({ type: filePut, flags: Flags.data, body });
      const bytes = new Uint8Array(Buffer.concat([head, data, sha256(data)]));
      const cut = bytes.length - 100;
      const chunks = whole ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
      round.push(await bench.connection.open(new FakeStream(chunks)).answer());
      assert.deepEqual(staged(bench), []);
    }
    answers.push(round);
    assert.equal(Buffer.compare(stored(bench, "new/a"), data), 0);
    assert.equal(bench.counters.values.transfers, 0);
    for (const name of ["new", "id"]) {
      await Deno.remove(join(bench.storage.path, name), { recursive: true });
    }
    await Deno.remove(join(bench.storage.path, ".msquicd", "receipts"), { recursive: true });
    await Deno.mkdir(join(bench.storage.path, ".msquicd", "receipts"));
  }
  const codes = (round: Answer[]) => round.map(({ body }) => body.code ?? body.sha256);
  assert.deepEqual(codes(answers[0]!), codes(answers[1]!));
  assert.equal(codes(answers[0]!)[0], sha256(data).toHex());
});

// C2
Deno.test("file.put refuses before any data comes, and stops the client", async () => {
  await using bench = await SessionBench.open();
  await put(bench, { name: "taken" }, new Uint8Array([1]));
  await Deno.mkdir(join(bench.storage.path, "directory"));
  const cases: [Record<string, unknown>, string][] = [
    [{ name: "taken", size: 5 }, "file-exists"],
    [{ name: "taken", size: 5, overwrite: "newer", mtime: 0 }, "not-newer"],
    [{ name: "taken/below", size: 5 }, "not-a-directory"],
    [{ name: "taken/below/it", size: 5, overwrite: "always" }, "not-a-directory"],
    [{ name: "directory", size: 5, overwrite: "always" }, "is-a-directory"],
    [{ name: "../outside", size: 5 }, "invalid-name"],
    [{ name: ".msquicd/uploads/x", size: 5 }, "invalid-name"],
    [{ name: "x", size: -1 }, "bad-body"],
    [{ name: "x", size: 5, overwrite: "sometimes" }, "bad-body"],
    [{ name: "x", size: Number.MAX_SAFE_INTEGER }, "no-space"],
  ];
  if (Deno.build.os !== "windows") { // making a link takes a privilege there
    await Deno.symlink("taken", join(bench.storage.path, "link"));
    for (const overwrite of ["never", "always", "newer"]) {
      cases.push([{ name: "link", size: 5, mtime: 0, overwrite }, "symbolic-link"]);
      cases.push([{ name: "link/below", size: 5, mtime: 0, overwrite }, "symbolic-link"]);
    }
  }
  for (const [body, code] of cases) {
    const head = encodeMessage({ type: filePut, flags: Flags.data, body });
    const stream = bench.connection.open(new FakeStream([head], { open: true }));
    assert.equal(await errorOf(stream.answer()), code);
    await within(30_000, "the stream's end", stream.closed);
    assert.equal(stream.stoppedWith, ApplicationError.refused);
  }
  assert.equal(bench.counters.values.transfersTotal, 1);
  assert.deepEqual(staged(bench), []);
  assert.deepEqual(stored(bench, "taken"), new Uint8Array([1]));
});

Deno.test("file.put without data is a bad frame", async () => {
  await using bench = await SessionBench.open();
  const request = bench.connection.request(filePut, { name: "x", size: 0 });
  assert.equal(await errorOf(request.answer()), "bad-frame");
});

Deno.test("file.put replaces when asked to", async () => {
  await using bench = await SessionBench.open();
  await put(bench, { name: "a", mtime: 1000 }, new Uint8Array([1]));
  await put(bench, { name: "a", overwrite: "always" }, new Uint8Array([2]));
  assert.deepEqual(stored(bench, "a"), new Uint8Array([2]));
  const later = Date.now() + 10_000;
  await put(bench, { name: "a", overwrite: "newer", mtime: later }, new Uint8Array([3]));
  assert.deepEqual(stored(bench, "a"), new Uint8Array([3]));
});

Deno.test("file.put keeps nothing of what is broken", async () => {
  await using bench = await SessionBench.open();
  const data = new Uint8Array([1, 2, 3, 4, 5]);
  const hash = sha256(data);
  const cases: [Uint8Array[], string][] = [
    [[data, hash.with(0, hash[0]! ^ 1)], "hash-mismatch"],
    [[data, hash.subarray(1)], "size-mismatch"],
    [[data.subarray(1), hash], "size-mismatch"],
    [[data, hash, new Uint8Array(1)], "size-mismatch"],
    [[], "size-mismatch"],
  ];
  for (const [pieces, code] of cases) {
    const request = bench.connection.request(
      filePut,
      { name: "a", size: data.length },
      new Uint8Array(Buffer.concat(pieces)),
    );
    assert.equal(await errorOf(request.answer()), code);
  }
  assert.deepEqual(staged(bench), []);
  assert.equal(
    await errorOf(bench.connection.request(fileStat, { name: "a" }).answer()),
    "not-found",
  );
});

Deno.test("file.put keeps nothing when the client resets the stream or goes", async () => {
  for (const how of ["clientResets", "connectionEnds"] as const) {
    await using bench = await SessionBench.open();
    const body = { name: "a", size: 1000 };
    const head = encodeMessage({ type: filePut, flags: Flags.data, body });
    const stream = bench.connection.open(new FakeStream([head], { open: true }));
    stream.clientSends(new Uint8Array(500));
    while (staged(bench).length === 0 || bench.counters.values.transfers !== 1) await delay(1);
    stream[how]();
    bench.connection.clientCloses();
    await within(30_000, "the session's end", bench.running);
    assert.deepEqual(staged(bench), []);
    assert.equal(bench.counters.values.transfers, 0);
  }
});

Deno.test("file.put of one name by many at once: exactly one is stored", async () => {
  await using bench = await SessionBench.open();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => put(bench, { name: "a" }, new Uint8Array([i]))),
  );
  const codes = answers.map(({ body }) => body.code ?? "stored").sort();
  assert.deepEqual(codes, [...Array(9).fill("file-exists"), "stored"]);
  assert.deepEqual(staged(bench), []);
});

Deno.test("file.get sends the file, its hash behind it", async () => {
  await using bench = await SessionBench.open();
  for (const length of [0, 1, 3_000_000]) {
    const data = new Uint8Array(randomBytes(length));
    const name = `${length}.bin`;
    await put(bench, { name, mtime: 5000 }, data);
    const answer = await bench.connection.request(fileGet, { name }).answer();
    assert.equal(answer.flags, Flags.response | Flags.data);
    assert.deepEqual(answer.body, { name, size: length, mtime: 5000, ...MODE });
    assert.equal(Buffer.compare(answer.data, Buffer.concat([data, sha256(data)])), 0);
  }
});

Deno.test("file.get, file.stat and file.delete refuse what is no file of the storage", async () => {
  await using bench = await SessionBench.open();
  const { path } = bench.storage;
  await Deno.mkdir(join(path, "directory"));
  const cases: [unknown, string][] = [
    ["none", "not-found"],
    ["none/below", "not-found"],
    ["directory", "is-a-directory"],
    ["../x", "invalid-name"],
    ["/etc/hostname", "invalid-name"],
    [5, "bad-body"],
    [undefined, "bad-body"],
  ];
  if (Deno.build.os !== "windows") { // making a link takes a privilege there
    await Deno.symlink("/etc/hostname", join(path, "link"));
    cases.push(["link", "symbolic-link"]);
  }
  for (const type of [fileGet, fileStat, fileDelete]) {
    for (const [name, code] of cases) {
      const request = bench.connection.request(type, { name });
      assert.equal(await errorOf(request.answer()), code, `${type} ${name}`);
    }
  }
});

Deno.test("file.stat, file.list and file.delete", async () => {
  await using bench = await SessionBench.open();
  const { connection } = bench;
  for (const name of ["b/2", "a", "b/1"]) {
    await put(bench, { name, mtime: 5000 }, new Uint8Array(3));
  }
  const entry = (name: string) => ({ name, size: 3, mtime: 5000, ...MODE });
  assert.deepEqual(
    (await connection.request(fileStat, { name: "b/1" }).answer()).body,
    entry("b/1"),
  );

  const list = async (body: Record<string, unknown>) =>
    (await connection.request(fileList, body).answer()).body as unknown as FileListResponse;
  assert.deepEqual(await list({}), { entries: [entry("a"), entry("b/1"), entry("b/2")] });
  assert.deepEqual(await list({ prefix: "b/" }), { entries: [entry("b/1"), entry("b/2")] });
  assert.deepEqual(await list({ limit: 2 }), { entries: [entry("a"), entry("b/1")], next: "b/1" });
  assert.deepEqual(await list({ limit: 2, after: "b/1" }), { entries: [entry("b/2")] });
  assert.equal(await errorOf(connection.request(fileList, { limit: 0 }).answer()), "bad-body");

  const gone = await connection.request(fileDelete, { name: "b/1" }).answer();
  assert.deepEqual(gone.body, { name: "b/1" });
  assert.deepEqual(await list({ prefix: "b" }), { entries: [entry("b/2")] });
});

Deno.test({
  name: "file.put keeps a file's mode, less what the umask takes, and its owner can read it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using bench = await SessionBench.open();
    const mask = Deno.umask();
    for (const size of [3, 100_000]) {
      for (const [mode, wanted] of [[0o755, 0o755], [0o600, 0o600], [0o666, 0o666], [0, 0o400]]) {
        const name = `${size}-${mode}`;
        await put(bench, { name, mode }, new Uint8Array(size));
        const kept = wanted! & ~mask;
        assert.equal(Deno.statSync(join(bench.storage.path, name)).mode! & 0o777, kept, name);
        const { body } = await bench.connection.request(fileStat, { name }).answer();
        assert.equal(body.mode, kept);
      }
    }
    assert.equal(
      await errorOf(put(bench, { name: "x", mode: 0o1000 }, new Uint8Array())),
      "bad-body",
    );
  },
});
