import assert from "node:assert/strict";
import { join } from "node:path";
import { reserveHere } from "../../client/local_room.ts";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";
import "../fixtures/loaded_libc.ts";
import { temporaryDirectory } from "../transfer/temporary.ts";

const MIB = 1024 * 1024;

async function roomOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).blocks ?? 0) * 512;
}

Deno.test({
  name: "reserveHere() reserves what fits, and says how much is missing of what does not",
  ignore: !mayMount,
  async fn() {
    await using directory = await temporaryDirectory();
    await using disk = await mountMemory(directory.path, "size=16m");
    if (disk === undefined) return;
    const path = join(directory.path, "staged");
    await Deno.writeFile(path, new Uint8Array(4 * MIB));
    await assert.rejects(reserveHere(path, "/there", 18 * MIB), {
      code: "no-space",
      missingBytes: 2 * MIB,
      message: 'Cannot write "/there": a file of 18 MiB does not fit on its disk: 2 MiB missing',
    });
    await reserveHere(path, "/there", 12 * MIB);
    assert.deepEqual([await roomOf(path), (await Deno.stat(path)).size], [12 * MIB, 4 * MIB]);
    // What is there counts, and what is small is not looked at.
    await reserveHere(path, "/there", 16 * MIB);
    const other = join(directory.path, "other");
    await Deno.writeFile(other, new Uint8Array());
    await reserveHere(other, "/there", MIB - 1);
    await assert.rejects(reserveHere(other, "/there", MIB), { missingBytes: MIB });
    const unsupported = () => Promise.resolve("unsupported" as const);
    await assert.rejects(reserveHere(other, "/there", MIB, unsupported), { missingBytes: MIB });
  },
});

Deno.test("reserveHere() tells a share that is used up, and a file that may not be so large", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "staged");
  await Deno.writeFile(path, new Uint8Array());
  const answers = { full: "no-space", "too-large": "file-too-large" } as const;
  for (const [answer, code] of Object.entries(answers)) {
    const allocate = () => Promise.resolve(answer as keyof typeof answers);
    await assert.rejects(reserveHere(path, "/there", MIB, allocate), { code });
  }
  await reserveHere(path, "/there", MIB, () => Promise.resolve("unsupported"));
  assert.equal((await Deno.stat(path)).size, 0);
});
