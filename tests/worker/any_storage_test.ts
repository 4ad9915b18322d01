import assert from "node:assert/strict";
import { MessageType } from "../../protocol/mod.ts";
import { MemoryStorage } from "../transfer/storage/contract/memory_storage.ts";
import { MIB, newId, random, sha256 } from "../transfer/storage/contract/subject.ts";
import { withTrailer } from "../transfer/memory_streams.ts";
import { SessionBench } from "./fakes.ts";

Deno.test("Handlers serve any kind of storage, and use the disk beside it for nothing", async () => {
  await using bench = await SessionBench.open({ files: new MemoryStorage() });
  const before = namesIn(bench.storage.path);
  const ask = async (type: number, body: Record<string, unknown>, data?: Uint8Array) =>
    await bench.connection.request(type, body, data).answer();
  for (const bytes of [random(100), random(100_000), random(3 * MIB)]) {
    const name = `dir/${bytes.length}`;
    const request = { name, size: bytes.length, id: newId() };
    const put = await ask(MessageType.filePut, request, withTrailer(bytes));
    assert.deepEqual(put.body, { name, size: bytes.length, sha256: sha256(bytes) });
    assert.equal((await ask(MessageType.fileResume, request)).body.sha256, sha256(bytes));
    assert.equal((await ask(MessageType.fileStat, { name })).body.size, bytes.length);
    assert.equal((await ask(MessageType.fileSum, { name })).body.sha256, sha256(bytes));
    const got = await ask(MessageType.fileGet, { name });
    assert.equal(sha256(got.data), sha256(withTrailer(bytes)));
    const other = await ask(MessageType.filePut, { name, size: 0 }, withTrailer(random(0)));
    assert.equal(other.body.code, "file-exists");
  }
  const bytes = random(10);
  const pieces = new Uint8Array([
    0,
    0,
    0,
    10,
    ...bytes,
    0,
    0,
    0,
    0,
    ...withTrailer(bytes).slice(10),
  ]);
  const streamed = await ask(MessageType.filePutStream, { name: "pipe" }, pieces);
  assert.equal(streamed.body.sha256, sha256(bytes));
  assert.equal((await ask(MessageType.fileMkdir, { name: "new/empty" })).body.made, true);
  await ask(MessageType.fileMove, { name: "pipe", to: "new/pipe" });
  await ask(MessageType.fileDelete, { name: "new/empty", directory: true });
  await ask(MessageType.fileDelete, { name: "dir/100" });
  const listed = (await ask(MessageType.fileList, {})).body.entries as { name: string }[];
  assert.deepEqual(listed.map(({ name }) => name), ["dir/100000", `dir/${3 * MIB}`, "new/pipe"]);
  const many = await ask(MessageType.fileGetMany, { names: ["new/pipe"] });
  assert.ok(many.data.toHex().endsWith(withTrailer(bytes).toHex()));
  assert.deepEqual([namesIn(bench.storage.path), bench.failures], [before, []]);
});

/** All that is below a directory. */
function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path)).flatMap(({ name, isDirectory }) =>
    isDirectory ? [name, ...namesIn(`${path}/${name}`)] : [name]
  ).sort();
}
