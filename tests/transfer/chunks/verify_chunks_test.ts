import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  ChunkJournal,
  ChunkLevels,
  Chunks,
  PositionedFile,
  PrefixHasher,
  verifyChunks,
  writeChunk,
} from "../../../transfer/mod.ts";
import { randomData } from "../../resume/bench.ts";

const MIB = 1024 * 1024;
const SIZE = 18 * MIB + 3;
const CHUNKS = new Chunks(SIZE);
const DATA = randomData(SIZE);

/** SHA-256 of all up to the end of a chunk. */
function digestTo(chunk: number): Uint8Array {
  const end = CHUNKS.startOf(chunk) + CHUNKS.lengthOf(chunk);
  return createHash("sha256").update(DATA.subarray(0, end)).digest();
}

async function withFile(test: (file: PositionedFile) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-chunks-" });
  try {
    const path = join(directory, "file");
    await Deno.writeFile(path, DATA);
    using file = await Deno.open(path, { read: true, write: true });
    await test(new PositionedFile(file));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("verifyChunks() names each chunk that is wrong, and no other", async () => {
  await withFile(async (file) => {
    const bad = [0, 2];
    for (const chunk of bad) await file.writeAt(new Uint8Array(7), CHUNKS.startOf(chunk) + 1);
    const asked: number[] = [];
    const right: number[] = [];
    const verifying = verifyChunks(new PrefixHasher(file, CHUNKS), {
      whenTold: (chunk) => {
        asked.push(chunk);
        return Promise.resolve(digestTo(chunk));
      },
      onRight: (chunk) => right.push(chunk),
    });
    const named: number[] = [];
    let sha256 = "";
    for (;;) {
      const { done, value } = await verifying.next();
      if (done) {
        sha256 = value;
        break;
      }
      named.push(value);
      const start = CHUNKS.startOf(value);
      await file.writeAt(DATA.subarray(start, start + CHUNKS.lengthOf(value)), start);
    }
    assert.deepEqual([named, asked, right], [bad, [0, 0, 1, 2, 2], [0, 1, 2]]);
    assert.equal(sha256, createHash("sha256").update(DATA).digest("hex"));
  });
});

Deno.test("verifyChunks() gives up a chunk that stays wrong", async () => {
  await withFile(async (file) => {
    await file.writeAt(new Uint8Array(7), 1);
    const verifying = verifyChunks(new PrefixHasher(file, CHUNKS), {
      whenTold: (chunk) => Promise.resolve(digestTo(chunk)),
    });
    const all = async () => {
      for await (const chunk of verifying) assert.equal(chunk, 0);
    };
    await assert.rejects(all(), { code: "hash-mismatch" });
  });
});

Deno.test("writeChunk() notes how far it came, also where the bytes end early", async () => {
  await withFile(async (file) => {
    await file.truncate(0);
    const journal = new ChunkJournal(file, CHUNKS);
    await journal.begin(ChunkLevels.ofPrefix(CHUNKS, 0));
    const pieces = (length: number, then?: Error) =>
      async function* () {
        for (let at = 0; at < length; at += MIB) {
          yield DATA.subarray(at, Math.min(at + MIB, length));
        }
        if (then !== undefined) throw then;
      }();
    const write = { file, journal, action: "Cannot write" };
    await writeChunk(pieces(8 * MIB), { ...write, chunk: 1, from: 0 });
    const cut = writeChunk(pieces(3 * MIB + 5, new Error("Cut")), { ...write, chunk: 0, from: 9 });
    await assert.rejects(cut, { message: "Cut" });
    const levels = await journal.read();
    assert.deepEqual([0, 1, 2].map((chunk) => levels.of(chunk)), [3 * MIB + 14, 8 * MIB, 0]);
    assert.equal(levels.prefix, 3 * MIB + 14);
    await journal.end();
    assert.equal((await file.stat()).size, SIZE);
    assert.equal((await journal.read()).bytes, SIZE);
  });
});
