import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import {
  Flags,
  MAX_PACKED_NAMES,
  MAX_PACKED_SIZE,
  MessageReader,
  messages,
  MessageType,
} from "../../protocol/mod.ts";
import { wholeSource } from "../protocol/chunked_source.ts";
import { SessionBench } from "../worker/fakes.ts";

const { fileGetMany } = MessageType;

/** What came for each name: the file's bytes, or the error's code. */
async function fetch(bench: SessionBench, names: string[]): Promise<(Uint8Array | string)[]> {
  const { type, flags, body, data } = await bench.connection.request(fileGetMany, { names })
    .answer();
  assert.deepEqual([type, flags, body], [fileGetMany, Flags.response | Flags.data, {}]);
  const reader = new MessageReader(wholeSource(data));
  const got: (Uint8Array | string)[] = [];
  for (let next = await reader.readNext(); next !== undefined; next = await reader.readNext()) {
    assert.equal(next.type, MessageType.fileGet);
    if ((next.flags & Flags.error) !== 0) {
      got.push(String((next.body as { code: unknown }).code));
      continue;
    }
    assert.equal(next.flags, Flags.response | Flags.data);
    const { name, size, mtime } = messages.fileGet.parseResponse(next.body);
    assert.equal(name, names[got.length]);
    assert.equal(mtime, (await Deno.stat(join(bench.storage.path, name))).mtime?.getTime());
    const bytes = await reader.readExactly(size);
    const trailer = await reader.readExactly(32);
    assert.equal(Buffer.compare(trailer, createHash("sha256").update(bytes).digest()), 0);
    got.push(bytes);
  }
  return got;
}

Deno.test("file.get_many sends small files in the order asked for, and says of the others why not", async () => {
  await using bench = await SessionBench.open();
  const root = bench.storage.path;
  const files = new Map<string, Uint8Array>();
  await Deno.mkdir(join(root, "dir"));
  for (const [index, size] of [0, 1, 100, 4096, 40_000, 65_535, MAX_PACKED_SIZE].entries()) {
    const name = index % 2 === 0 ? `${size}` : `dir/${size}`;
    files.set(name, crypto.getRandomValues(new Uint8Array(size)));
    await Deno.writeFile(join(root, name), files.get(name)!);
  }
  await Deno.writeFile(join(root, "large"), new Uint8Array(MAX_PACKED_SIZE + 1));
  const refused = new Map([
    ["none", "not-found"],
    ["dir", "is-a-directory"],
    ["large", "file-too-large"],
    ["../outside", "invalid-name"],
    ["0/below", "not-found"],
  ]);
  if (Deno.build.os === "linux") {
    await Deno.symlink("100", join(root, "link"));
    refused.set("link", "symbolic-link");
  }
  const names = fc.array(fc.constantFrom(...files.keys(), ...refused.keys()), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(names, async (names) => {
      const expected = names.map((name) => files.get(name) ?? refused.get(name));
      const got = await fetch(bench, names);
      assert.deepEqual(got.map((one) => typeof one === "string" ? one : one.length), [
        ...expected.map((one) => typeof one === "string" ? one : one?.length),
      ]);
      for (const [index, one] of got.entries()) {
        if (typeof one !== "string") {
          assert.equal(Buffer.compare(one, expected[index] as Uint8Array), 0);
        }
      }
    }),
    { numRuns: 20 },
  );
  assert.equal(bench.counters.values.transfers, 0);
  assert.deepEqual(bench.failures, []);
});

Deno.test("file.get_many refuses what it cannot understand", async () => {
  await using bench = await SessionBench.open();
  const many = Array<string>(MAX_PACKED_NAMES + 1).fill("a");
  for (const body of [{}, { names: "a" }, { names: [1] }, { names: many }]) {
    const answer = await bench.connection.request(fileGetMany, body).answer();
    assert.equal(answer.body.code, "bad-body");
  }
});
