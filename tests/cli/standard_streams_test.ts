import assert from "node:assert/strict";
import { standardStream } from "../../cli/standard_streams.ts";

Deno.test("standardStream() writes everything, however little the system takes at a time", () => {
  const written: number[] = [];
  const stream = standardStream({
    writeSync(data) {
      written.push(...data.subarray(0, 3));
      return Math.min(3, data.length);
    },
  });
  stream.write("grüße\n");
  assert.equal(new TextDecoder().decode(new Uint8Array(written)), "grüße\n");
});

Deno.test("standardStream() does not mind that nobody reads any more", () => {
  const closed = new Deno.errors.BrokenPipe("Broken pipe");
  const noTerminal = Object.assign(new Error("Input/output error"), { code: "EIO" });
  for (const error of [closed, noTerminal]) {
    const stream = standardStream({
      writeSync() {
        throw error;
      },
    });
    stream.write("text");
  }
});

Deno.test("standardStream() reports that the disk is full", () => {
  const stream = standardStream({
    writeSync() {
      throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    },
  });
  assert.throws(() => stream.write("text"), { code: "ENOSPC" });
});
