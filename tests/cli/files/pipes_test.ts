import assert from "node:assert/strict";
import { openOutput } from "../../../cli/files/pipes.ts";
import { temporaryDirectory } from "../../transfer/temporary.ts";

Deno.test({
  name: "What is written to a pipe arrives, and nobody waits for its reader after an interruption",
  ignore: Deno.build.os === "windows",
  sanitizeOps: false, // the writing that nobody waits for any more ends when it likes
  async fn() {
    await using directory = await temporaryDirectory();
    const path = `${directory.path}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    using reader = await Deno.open(path, { read: true, write: true });
    const stop = new AbortController();
    using output = await openOutput(path, stop.signal);
    const data = new Uint8Array(1_000_000).map((_, index) => index * 7);
    const got = new Uint8Array(data.length);
    async function read(length: number): Promise<void> {
      for (let at = 0; at < length;) at += await reader.read(got.subarray(at, length)) ?? 0;
    }
    await Promise.all([output.write(data), read(data.length)]);
    assert.deepEqual(got, data);

    const writing = output.write(data);
    const reason = new Error("Interrupted");
    stop.abort(reason);
    await assert.rejects(writing, (error) => error === reason);
    const stillWritten = 256 * 1024;
    await read(stillWritten);
    assert.deepEqual(got.subarray(0, stillWritten), data.subarray(0, stillWritten));
  },
});
