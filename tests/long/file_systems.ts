import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { reserveHere } from "../../client/local_room.ts";
import { roomOf, StagedFile } from "../../transfer/mod.ts";
import {
  FILE_SYSTEMS,
  limitBtrfs,
  mountFileSystem,
  whyNotMounted,
} from "../fixtures/file_systems.ts";
import { MIB, newId, randomData, ResumeBench } from "../resume/bench.ts";
import { testStorage } from "../transfer/storage/contract/contract.ts";
import { diskSubject } from "../transfer/storage/contract/disk_subject.ts";

for (const kind of FILE_SYSTEMS) {
  const why = await whyNotMounted(kind);
  const skipped = why === undefined ? "" : `, which is not mounted here (${why})`;
  const ignore = why !== undefined;
  testStorage(
    `${kind.name}${skipped}`,
    async () => await diskSubject(await mountFileSystem(kind)),
    { ignore },
  );

  Deno.test({
    name:
      `What get has reserved behind the bytes that came is given back on ${kind.name}${skipped}`,
    ignore,
    async fn() {
      await using disk = await mountFileSystem(kind);
      await using staged = await StagedFile.create(disk.path);
      await staged.file.write(randomData(MIB));
      await reserveHere(staged.path, "there", 16 * MIB);
      assert.ok(await roomOf(staged.path) >= 16 * MIB);
      await staged.giveRoomBack();
      assert.equal(await roomOf(staged.path), MIB);
    },
  });

  if (kind.name !== "btrfs") continue;
  Deno.test({
    name:
      `put() into a share of ${kind.name} that is used up is refused before its first byte${skipped}`,
    ignore,
    async fn() {
      await using disk = await mountFileSystem(kind);
      await limitBtrfs(disk, 40);
      await using bench = await ResumeBench.open(disk.path);
      const client = await bench.connect(await bench.serve());
      const data = randomData(16 * MIB);
      await client.put(data, "fits", { part: newId() });
      let sent = 0;
      const onProgress = (bytes: number) => void (sent = bytes);
      const refused = client.put(randomData(32 * MIB), "more", { part: newId(), onProgress });
      await assert.rejects(refused, { code: "no-space", message: /quota of its user there/ });
      assert.ok(sent < 32 * MIB, `${sent} bytes were sent`);
      assert.deepEqual(bench.staged(), []);
      await assert.rejects(Deno.lstat(join(bench.root, "more")), Deno.errors.NotFound);
      assert.equal(Buffer.compare(await bench.stored("fits"), data), 0);
      await client.put(randomData(8 * MIB), "less", { part: newId() });
    },
  });
}
