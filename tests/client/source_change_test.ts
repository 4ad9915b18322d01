import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileSource } from "../../client/put_source.ts";
import { checkUnmixed } from "../../client/source_change.ts";
import { PositionedFile } from "../../transfer/mod.ts";
import { temporaryDirectory } from "../transfer/temporary.ts";

const LENGTH = 100_000;
const DATA = crypto.getRandomValues(new Uint8Array(65_536));
const old = new Uint8Array(LENGTH).fill(1);

function rewrite(path: string, bytes: Uint8Array, at = 0): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

/** What is done to a file, and why what was read of it is not what it was at one moment. */
const CHANGES: readonly [string, (path: string) => void, string | undefined][] = [
  ["is left alone", () => {}, undefined],
  ["grows", (path) => rewrite(path, DATA, LENGTH), undefined],
  ["gets another time", (path) => Deno.utimeSync(path, 1, 1), undefined],
  ["is removed", (path) => Deno.removeSync(path), undefined],
  ["is rewritten", (path) => rewrite(path, DATA), "source-changed"],
  ["is rewritten as it was", (path) => rewrite(path, old), undefined],
  ["is rewritten and grows", (path) => {
    rewrite(path, DATA);
    rewrite(path, DATA, LENGTH);
  }, "source-changed"],
  ["is cut", (path) => Deno.truncateSync(path, 5), "size-changed"],
  ["is rewritten and has its time back", (path) => {
    rewrite(path, DATA);
    Deno.utimeSync(path, 1000, 1000);
  }, "source-changed"],
];

Deno.test("checkUnmixed() tells what somebody has written to from what was only touched", async (t) => {
  await using directory = await temporaryDirectory();
  const digest = createHash("sha256").update(old).digest();
  for (const [title, change, code] of CHANGES) {
    await t.step(title, async () => {
      const path = join(directory.path, "file");
      await Deno.writeFile(path, old);
      await Deno.utime(path, 1000, 1000);
      using file = await Deno.open(path);
      // The system's time of this is of another second, as that of most files is.
      const before = { ...await file.stat(), ctime: new Date(0) };
      change(path);
      const checking = checkUnmixed(new PositionedFile(file), before, digest);
      if (code === undefined) await checking;
      else await assert.rejects(checking, { code });
    });
  }
});

Deno.test("checkUnmixed() without a hash believes that what has become longer was added to", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await Deno.writeFile(path, old);
  using file = await Deno.open(path);
  const before = await file.stat();
  await checkUnmixed(new PositionedFile(file), before, undefined);
  rewrite(path, DATA, LENGTH);
  await checkUnmixed(new PositionedFile(file), before, undefined);
  await Deno.truncate(path, LENGTH);
  await Deno.utime(path, 1, 1);
  const checking = checkUnmixed(new PositionedFile(file), before, undefined);
  await assert.rejects(checking, { code: "source-changed" });
});

for (const hashed of [true, false]) {
  Deno.test(`what is ${hashed ? "" : "not "}hashed of a file that is rewritten is not sent to its end`, async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await Deno.writeFile(path, new Uint8Array(3 * 1024 * 1024));
    using file = await Deno.open(path);
    const times = { hashMs: 0, peerMs: 0, diskMs: 0 };
    const source = await fileSource(path, file, { times, hashed });
    let finished = false;
    let aborted = false;
    const sink = {
      async send(_bytes: Uint8Array, { fin = false } = {}) {
        finished ||= fin;
        rewrite(path, DATA);
        await Deno.utime(path, 1, 1);
      },
      abort: () => {
        aborted = true;
      },
    };
    const sending = source.send(sink, 0, new AbortController().signal);
    await assert.rejects(sending, {
      code: "source-changed",
      message: /^Cannot send ".*file": it /,
    });
    assert.deepEqual([finished, aborted], [false, true]);
  });
}
