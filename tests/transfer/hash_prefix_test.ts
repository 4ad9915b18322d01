import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { hashPrefix } from "../../transfer/mod.ts";
import { pattern } from "./memory_streams.ts";
import { temporaryDirectory } from "./temporary.ts";

const MIB = 1024 * 1024;

Deno.test("hashPrefix() of many files at once hashes and copies each, and forgets those given up", async () => {
  await using directory = await temporaryDirectory();
  const data = pattern(3 * MIB + 5);
  const path = join(directory.path, "file");
  await Deno.writeFile(path, data);
  const cut = new AbortController();
  await Promise.all(Array.from({ length: 40 }, async (_, index) => {
    using file = await Deno.open(path);
    const length = data.length - index * 70_000;
    if (index % 4 === 3) {
      const reason = new Error("Enough");
      if (index > 20) cut.abort(reason);
      const { signal } = index > 20 ? cut : new AbortController();
      const hashing = hashPrefix(file, data.length + 1, { signal });
      return await assert.rejects(hashing, index > 20 ? reason : { name: "SizeChangedError" });
    }
    using copy = await Deno.create(join(directory.path, `${index}`));
    const { hash, offset } = await hashPrefix(file, length, { copyTo: copy });
    assert.equal(offset, length);
    const wanted = createHash("sha256").update(data.subarray(0, length)).digest("hex");
    assert.equal(hash.digest("hex"), wanted);
    const copied = await Deno.readFile(join(directory.path, `${index}`));
    assert.equal(createHash("sha256").update(copied).digest("hex"), wanted);
  }));
});
