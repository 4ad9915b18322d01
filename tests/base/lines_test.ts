import assert from "node:assert/strict";
import fc from "fast-check";
import { LineTooLongError, readLines } from "../../base/lines.ts";

const encoder = new TextEncoder();

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (let index = 0; offset < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

async function collect(
  text: string,
  options: { maxBytes: number; cut?: boolean },
  sizes: readonly number[] = [],
): Promise<string[]> {
  return await Array.fromAsync(readLines(chunked(encoder.encode(text), sizes), options));
}

Deno.test("readLines() gives the same lines however the bytes arrive", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀", " ") });
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
  await fc.assert(fc.asyncProperty(fc.array(line), sizes, async (lines, chunks) => {
    const text = lines.map((text) => `${text}\n`).join("");
    assert.deepEqual(await collect(text, { maxBytes: 1000 }, chunks), lines);
  }));
});

Deno.test("readLines() gives a last line without a break, and drops carriage returns", async () => {
  assert.deepEqual(await collect("a\r\nb", { maxBytes: 10 }), ["a", "b"]);
  assert.deepEqual(await collect("", { maxBytes: 10 }), []);
});

Deno.test("readLines() refuses a line that is too long, however it arrives", async () => {
  assert.deepEqual(await collect("12345\n", { maxBytes: 5 }, [1]), ["12345"]);
  for (const sizes of [[], [1], [3]]) {
    await assert.rejects(collect("ok\n123456\n", { maxBytes: 5 }, sizes), LineTooLongError);
    await assert.rejects(collect("123456", { maxBytes: 5 }, sizes), LineTooLongError);
  }
});

Deno.test("readLines() cuts a line that is too long when told to", async () => {
  for (const sizes of [[], [1], [4]]) {
    const lines = await collect("12345678901\nx\n", { maxBytes: 5, cut: true }, sizes);
    assert.deepEqual(lines, ["12345", "67890", "1", "x"]);
  }
});
