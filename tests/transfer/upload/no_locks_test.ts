import assert from "node:assert/strict";
import { join } from "node:path";
import { FileLockError } from "../../../ffi/file_lock/file_lock_error.ts";
import {
  listKept,
  lockUpload,
  openStorageRoot,
  removeKept,
  removeOldUploads,
  trimKept,
} from "../../../transfer/mod.ts";
import { giveUp, isIdle } from "../../../transfer/upload/kept_uploads.ts";
import { listPromised } from "../../../transfer/upload/promises.ts";
import { writeNote } from "../../../transfer/upload/upload_notes.ts";
import "../../fixtures/loaded_libc.ts";
import { mayMountOdd, mountOdd } from "../../fixtures/odd_disk.ts";

const HOUR_MS = 60 * 60_000;
const MIB = 1024 * 1024;

Deno.test({
  name: "What workers that were killed have left on a disk without locks is removed once it is old",
  ignore: !mayMountOdd,
  async fn() {
    await using disk = await mountOdd(["no-locks"]);
    const { staging } = await openStorageRoot(join(disk.path, "storage"));
    const path = join(staging, `put-${"0".repeat(32)}-${crypto.randomUUID()}.part`);
    await Deno.writeFile(path, new Uint8Array(2 * MIB));
    assert.throws(() => lockUpload(path), FileLockError);
    const none = { count: 0, bytes: 0 };
    assert.equal(await trimKept(staging, lockUpload, none), 0, "somebody may be at it");
    const [young] = await listKept(staging);
    assert.ok(young !== undefined && !isIdle(young, lockUpload));
    assert.equal(await removeKept(young, lockUpload), false);
    assert.equal(await removeOldUploads(staging, lockUpload, Date.now() + 23 * HOUR_MS), 0);
    assert.equal(await removeOldUploads(staging, lockUpload, Date.now() + 25 * HOUR_MS), 1);
    await Deno.writeFile(path, new Uint8Array(2 * MIB));
    const earlier = (Date.now() - 2 * HOUR_MS) / 1000;
    await Deno.utime(path, earlier, earlier);
    assert.equal(await trimKept(staging, lockUpload, none), 1);
    assert.deepEqual(await listKept(staging), []);

    // Nor do quotas hold room for it any longer than that, where room is needed.
    const key = `put-${"0".repeat(32)}`;
    await Deno.writeFile(path, new Uint8Array(2 * MIB));
    await writeNote(staging, key, { name: "a", size: 8 * MIB, counts: true });
    const look = () => listPromised(staging, lockUpload, undefined);
    const [held] = await look();
    assert.ok(held?.idle === false && held.bytes === 8 * MIB);
    assert.equal(await giveUp({ staging }, held, lockUpload), false);
    await Deno.utime(path, earlier, earlier);
    const [left] = await look();
    assert.ok(left?.idle === true && left.bytes < 3 * MIB);
    assert.equal(await giveUp({ staging }, left, lockUpload), true);
    assert.deepEqual(await listKept(staging), []);
  },
});
