import assert from "node:assert/strict";
import { ChunkedUpload } from "../../../transfer/upload/chunked_upload.ts";
import { ChunkWriter } from "../../../transfer/upload/chunk_writer.ts";
import { lockForChunks, lockUpload } from "../../../transfer/upload/upload_lock.ts";
import { temporaryStorage } from "../temporary.ts";

const SUBJECT = { id: "upload", name: "file", size: 9 * 1024 * 1024 };

/** As much as that. */
async function* bytes(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(1000));
}

Deno.test("A ChunkWriter whose upload another attempt has taken over says so", async () => {
  await using directory = await temporaryStorage();
  const storage = { ...directory.root, tryLock: lockUpload };
  await using first = await ChunkedUpload.open(storage, SUBJECT, false);
  await first.begin(await first.look());
  await using writer = await ChunkWriter.open(storage, SUBJECT);
  await writer.write(0, 0, bytes());
  await Deno.rename(first.upload.path, `${first.upload.path}.taken`);
  await assert.rejects(writer.write(0, 1000, bytes()), {
    code: "cannot-resume",
    message: "Another request goes on with this upload",
  });
  await Deno.rename(`${first.upload.path}.taken`, first.upload.path);
});

Deno.test("A ChunkWriter beside too many others says so", async () => {
  await using directory = await temporaryStorage();
  const storage = { ...directory.root, tryLock: lockUpload };
  await using upload = await ChunkedUpload.open(storage, SUBJECT, false);
  await upload.begin(await upload.look());
  await using writer = await ChunkWriter.open(storage, SUBJECT);
  using others = new DisposableStack();
  for (let lock; (lock = lockForChunks(upload.upload.path)) !== undefined;) others.use(lock);
  await assert.rejects(writer.write(0, 0, bytes()), { code: "too-many-requests" });
});
