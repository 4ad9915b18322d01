import assert from "node:assert/strict";
import { readTreeFlags, type TreeFlags } from "../../../cli/files/tree_flags.ts";
import { temporaryDirectory } from "../../transfer/temporary.ts";

const FLAGS: TreeFlags = {
  ...{ overwrite: "never", update: false, checksum: false, dryRun: false, delete: false },
  ...{ encodeNames: false, verify: "sha256" },
};
const OUTSIDE = { insideShell: false };
const { signal: never } = new AbortController();

Deno.test("readTreeFlags() reads no list from what the shell reads itself", async () => {
  for (const filesFrom of ["-", "/dev/stdin", "/dev/fd/0"]) {
    const reading = readTreeFlags({ ...FLAGS, filesFrom }, { insideShell: true }, never);
    await assert.rejects(reading, { code: "usage", message: /not for the shell/ });
  }
});

Deno.test({
  name: "readTreeFlags() waits for a list, and no longer once it is interrupted",
  ignore: Deno.build.os === "windows",
  sanitizeOps: false, // the reading that nobody waits for any more ends when it likes
  async fn() {
    await using directory = await temporaryDirectory();
    const filesFrom = `${directory.path}/list`;
    await new Deno.Command("mkfifo", { args: [filesFrom] }).output();
    const write = async (text: string) => {
      using file = await Deno.open(filesFrom, { write: true });
      await file.write(new TextEncoder().encode(text));
    };
    const reading = readTreeFlags({ ...FLAGS, filesFrom }, OUTSIDE, never);
    await write("a\n./b/\n");
    assert.deepEqual((await reading).listed, ["a", "b"]);

    const stop = new AbortController();
    const waiting = readTreeFlags({ ...FLAGS, filesFrom }, OUTSIDE, stop.signal);
    const reason = new Error("Interrupted");
    setTimeout(() => stop.abort(reason));
    await assert.rejects(waiting, (error) => error === reason);
    await write(""); // ends that reading, which would keep a thread
  },
});
