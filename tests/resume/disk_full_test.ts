import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";

const mayMount = Deno.build.os === "linux" && Deno.uid() === 0;

async function run(...[command = "", ...args]: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stderr: "null" }).output();
  return success;
}

Deno.test({
  name: "put() onto a full disk says so, loses nothing, and goes on when there is room",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    if (!await run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", bench.root)) return;
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => assert.ok(await run("umount", "--lazy", bench.root)));
    const client = await bench.connect(await bench.serve());
    const data = randomData(16 * MIB);
    const id = newId();
    const filler = join(bench.root, "filler");
    let filled = false;
    const onProgress = (bytes: number) => {
      // Once it is staged, which comes after the check for free space, another program takes the room.
      if (filled || bytes < 4 * MIB || bench.staged().length === 0) return;
      filled = true;
      const room = new Uint8Array(14 * MIB);
      Deno.writeFileSync(filler, room);
    };
    const sending = client.put(data, "a", { id, repeated: false, onProgress });
    await assert.rejects(sending, { name: "RemoteError", code: "no-space" });
    assert.equal(bench.staged().length, 1);
    await assert.rejects(client.put(data, "a", { id }), { code: "no-space" });
    assert.equal(bench.staged().length, 1);
    await Deno.remove(filler);
    const result = await client.put(data, "a", { id });
    assert.ok(result.resumedFrom > 0);
    assert.equal(Buffer.compare(await bench.stored("a"), data), 0);
    assert.deepEqual(bench.staged(), []);
  },
});
