import assert from "node:assert/strict";
import { parseByteSize } from "../../base/byte_size.ts";
import { findQuotasMistake } from "../../base/quotas.ts";

Deno.test("findQuotasMistake() takes bytes by names of directories, and says what else there is", () => {
  for (const quotas of [{}, { "/": 0 }, { a: 1, "a/b": 2 ** 50 }]) {
    assert.equal(findQuotasMistake(quotas), undefined);
  }
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`d${index}`, 1]));
  for (
    const [quotas, path] of [
      [[], []],
      [many, []],
      [{ a: -1 }, ["a"]],
      [{ a: 1.5 }, ["a"]],
      [{ a: "10G" }, ["a"]],
      [{ "a/": 1 }, ["a/"]],
      [{ "../a": 1 }, ["../a"]],
      [{ "": 1 }, [""]],
      [{ ".msquicd": 1 }, [".msquicd"]],
    ] as const
  ) {
    assert.deepEqual(findQuotasMistake(quotas)?.path, path, JSON.stringify(quotas).slice(0, 50));
  }
});

Deno.test("parseByteSize() reads bytes as people write them", () => {
  const sizes = {
    "0": 0,
    "10": 10,
    "1k": 1024,
    "1.5M": 1.5 * 2 ** 20,
    "2g": 2 ** 31,
    "1T": 2 ** 40,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseByteSize(text), bytes);
  for (const text of ["", "-1", "1 G", "much", "1e3", "G", "99999999T", "0x10"]) {
    assert.equal(parseByteSize(text), undefined, text);
  }
});
