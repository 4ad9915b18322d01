import assert from "node:assert/strict";
import { describeError } from "../../../cli/text/describe_error.ts";
import { BatchError, OutputError, ReaderGoneError } from "../../../cli/errors.ts";
import { exitCodeOf } from "../../../cli/exit_codes.ts";
import { Output } from "../../../cli/text/output.ts";
import { StandardOutput } from "../../../cli/text/standard_streams.ts";
import { collector } from "../collector.ts";

/** A stream of which every write fails the same way. */
function failing(error: Error): StandardOutput {
  return new StandardOutput({ write: () => Promise.reject(error) });
}

Deno.test("StandardOutput writes everything, however little the system takes at a time", async () => {
  const written: number[] = [];
  const stream = new StandardOutput({
    write(data) {
      written.push(...data.subarray(0, 3));
      return Promise.resolve(Math.min(3, data.length));
    },
  });
  stream.write("grüße\n");
  stream.write("you\n");
  await stream.flush();
  assert.equal(new TextDecoder().decode(new Uint8Array(written)), "grüße\nyou\n");
});

Deno.test("StandardOutput loses nothing of a reader that is slow, and lets the writer wait for it", async () => {
  const taken: Uint8Array[] = [];
  const reader = Promise.withResolvers<void>();
  const stream = new StandardOutput({
    async write(data) {
      await reader.promise;
      taken.push(data.slice());
      return data.length;
    },
  });
  const line = `${"x".repeat(99)}\n`;
  for (let count = 0; count < 50_000; count++) stream.write(line);
  await stream.drained(AbortSignal.timeout(10));
  assert.equal(taken.length, 0);
  const drained = stream.drained();
  reader.resolve();
  await drained;
  assert.equal(taken.reduce((length, piece) => length + piece.length, 0), 5_000_000);
});

Deno.test("StandardOutput tells that nobody reads any more, and throws nothing", async () => {
  const closed = new Deno.errors.BrokenPipe("Broken pipe");
  const noTerminal = Object.assign(new Error("Input/output error"), { code: "EIO" });
  for (const error of [closed, noTerminal]) {
    const stream = failing(error);
    stream.write("text\n");
    await stream.flush();
    const { reason } = stream.broken;
    assert.ok(reason instanceof ReaderGoneError);
    stream.write("more\n");
    // As of a program that SIGPIPE ends: no word, but not as if all were done.
    const failure = { name: "b", ...describeError(reason) };
    const stderr = collector();
    for (const error of [reason, new BatchError(failure, [failure], [], 3)]) {
      const output = new Output({ json: false, stdout: stream, stderr });
      assert.equal(output.failure(error), 141);
    }
    assert.equal(stderr.text, "");
  }
});

// E2
for (
  const [code, exit, why] of [
    ["ENOSPC", 7, "no space is left on the device"],
    ["EDQUOT", 7, "no space is left on the device"],
    ["EBADF", 1, "Bad file descriptor"],
  ] as const
) {
  Deno.test(`a failure of standard output (${code}) ends the command with a reason`, async () => {
    const stream = failing(Object.assign(new Error(`${why} (os error 1)`), { code }));
    stream.write("text\n");
    await stream.flush();
    const { reason } = stream.broken;
    assert.ok(reason instanceof OutputError);
    assert.equal(exitCodeOf(reason.code), exit);
    for (const json of [false, true]) {
      const stderr = collector();
      const output = new Output({ json, stdout: stream, stderr });
      assert.equal(output.failure(reason), exit);
      assert.equal(output.failure(reason), exit, "it is said once");
      assert.equal(stderr.text, `msquicd: Cannot write to standard output: ${why}\n`);
    }
  });
}
