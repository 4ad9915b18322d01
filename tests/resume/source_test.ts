import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { MIB, randomData, ResumeBench, sha256, until } from "./bench.ts";

const onLinux = Deno.build.os === "linux";

// What becomes of the source while it is sent
Deno.test("put() of a file that changes while it is sent tells of it, and stores what it said", async (t) => {
  await using bench = await ResumeBench.open();
  const client = await bench.connect(await bench.serve());
  const data = randomData(16 * MIB);
  const changes: [string, (path: string) => void, boolean][] = [
    ["nothing", () => {}, false],
    ["grows", (path) => Deno.writeFileSync(path, new Uint8Array(9), { append: true }), true],
    ["is rewritten", (path) => Deno.writeFileSync(path, randomData(16 * MIB)), true],
    ["is replaced", (path) => {
      Deno.writeFileSync(`${path}.new`, new Uint8Array(5));
      Deno.renameSync(`${path}.new`, path);
    }, false],
    ["is removed", (path) => Deno.removeSync(path), false],
  ];
  for (const [name, change, isSeen] of changes) {
    await t.step(name, async () => {
      const source = await bench.source(data);
      let done = false;
      const onProgress = (bytes: number) => {
        if (done || bytes < MIB) return;
        done = true;
        change(source);
      };
      const result = await client.put(source, name, { onProgress });
      assert.ok(done);
      assert.equal(result.changed ?? false, isSeen);
      const stored = await bench.stored(name);
      assert.equal(result.sha256, sha256(stored));
      assert.equal(stored.length, data.length);
      if (name !== "is rewritten") assert.equal(result.sha256, sha256(data));
    });
  }
});

// The size that the system tells is not to be believed
Deno.test({
  name: "put() stores what a file holds, whatever size the system tells, or refuses it",
  ignore: !onLinux,
  async fn() {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const made = ["/proc/version", "/proc/filesystems", "/sys/kernel/mm/ksm/run"];
    for (const path of made.filter((path) => existsSync(path))) {
      const content = await Deno.readFile(path);
      assert.ok(content.length > 0 && content.length !== (await Deno.stat(path)).size);
      const { bytes } = await client.put(path, "a", { overwrite: "always" });
      assert.equal(bytes, content.length);
      assert.deepEqual(await bench.stored("a"), content);
    }
    const empty = await bench.source(new Uint8Array());
    assert.equal((await client.put(empty, "empty")).bytes, 0);
    assert.equal((await bench.stored("empty")).length, 0);
    const refused: [string, RegExp][] = [
      ["/proc/self/pagemap", /^Cannot send "\/proc\/self\/pagemap": .* more than 64 MiB; copy it/],
      ["/proc/self/mem", /^Cannot send "\/proc\/self\/mem": the device reports an error$/],
      ["/dev/null", /^Cannot send "\/dev\/null": it is not a regular file$/],
      [bench.root, /^Cannot send ".*": it is a directory$/],
    ];
    for (const [path, message] of refused) {
      await assert.rejects(client.put(path, "refused"), { message });
    }
    await until("nothing is left", () => bench.staged().length === 0);
    await assert.rejects(Deno.stat(`${bench.root}/refused`), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "put() of a pipe is refused, and does not wait for its other end",
  ignore: !onLinux,
  async fn() {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const pipe = `${bench.root}/pipe`;
    assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    await assert.rejects(client.put(pipe, "a"), { code: "not-a-file" });
  },
});
