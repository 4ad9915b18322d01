import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { MIB, newId, randomData, ResumeBench, sha256, until } from "./bench.ts";

const onLinux = Deno.build.os === "linux";

const SIZE = 16 * MIB;
const other = randomData(SIZE);

function replace(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** What is done to a file, and what is stored: what it was, and whether the result tells of it, or what it is then. */
const CHANGES: readonly [string, (path: string) => void, "before" | "told" | "afterwards"][] = [
  ["nothing", () => {}, "before"],
  ["grows", (path) => Deno.writeFileSync(path, new Uint8Array(9), { append: true }), "told"],
  ["is rewritten", (path) => replace(path, other), "afterwards"],
  ["is replaced", (path) => {
    Deno.writeFileSync(`${path}.new`, new Uint8Array(5));
    Deno.renameSync(`${path}.new`, path);
  }, "before"],
  ["is removed", (path) => Deno.removeSync(path), "before"],
];

for (const streams of [1, 2]) {
  Deno.test(`put() over ${streams} of a file that changes while it is sent stores no mixture`, async (t) => {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const data = randomData(SIZE);
    for (const [name, change, expected] of CHANGES) {
      await t.step(name, async () => {
        const source = await bench.source(data);
        let done = false;
        const onProgress = (bytes: number) => {
          if (done || bytes < MIB) return;
          done = true;
          change(source);
        };
        const result = await client.put(source, name, { streams, onProgress });
        assert.ok(done);
        const stored = await bench.stored(name);
        assert.equal(result.sha256, sha256(stored));
        assert.equal(result.sha256, sha256(expected === "afterwards" ? other : data));
        // In chunks, all of it may have been read afterwards: then it is not sent again.
        if (expected !== "afterwards") assert.equal(result.changed ?? false, expected === "told");
      });
    }
  });

  Deno.test(`put() over ${streams} of a file that is rewritten whenever it is sent stores nothing`, async () => {
    await using bench = await ResumeBench.open();
    const client = await bench.connect(await bench.serve());
    const source = await bench.source(randomData(SIZE));
    // By now other times than when it was made.
    let time = 0;
    const onProgress = () => {
      replace(source, crypto.getRandomValues(new Uint8Array(9)));
      Deno.utimeSync(source, ++time, time);
    };
    const putting = client.put(source, "a", { part: newId(), streams, onProgress });
    const message = /^Cannot send ".*source": it was written to while it was sent, twice/;
    await assert.rejects(putting, { code: "source-changed", message });
    assert.ok(time >= 2);
    await until("nothing is left", () => bench.staged().length === 0);
    await assert.rejects(Deno.stat(`${bench.root}/a`), Deno.errors.NotFound);
  });
}

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
