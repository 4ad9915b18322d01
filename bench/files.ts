/**
 * Measures ways to read and to write a file while hashing it, without a network: `deno task bench:files`.
 * docs/architecture.md, "Files", draws the conclusions. Linux only.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { cpuUsage } from "node:process";
import { clearInterval, setInterval } from "node:timers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FileMapping } from "./file_mapping.ts";
import { sourceFile } from "./source_file.ts";

const MIB = 2 ** 20;
const SIZE = 512 * MIB;
const BLOCK = MIB;
/** About what MsQuic hands out at a time. */
const CHUNK = 104 * 1024;
const WINDOW = 8 * MIB;
const ROUNDS = 3;

type Hash = ReturnType<typeof createHash>;
type Way = (path: string, hash: Hash) => Promise<void>;

const READS: Record<string, Way> = {
  "read, then hash": readAwaited,
  "read ahead": readAhead,
  "read a mapping": readMapped,
};
const WRITES: Record<string, Way> = {
  "write and hash": writeAsync,
  "writeSync and hash": writeSync,
  "write a mapping": writeMapped,
};

async function readAwaited(path: string, hash: Hash): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(BLOCK);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
    await nextTurn();
  }
}

async function readAhead(path: string, hash: Hash): Promise<void> {
  using file = await Deno.open(path);
  let [present, next] = [new Uint8Array(BLOCK), new Uint8Array(BLOCK)];
  for (let reading = file.read(present);;) {
    const count = await reading;
    if (count === null) return;
    reading = file.read(next);
    hash.update(present.subarray(0, count));
    [present, next] = [next, present];
    await nextTurn();
  }
}

async function readMapped(path: string, hash: Hash): Promise<void> {
  for (let offset = 0; offset < SIZE; offset += WINDOW) {
    using mapping = FileMapping.map(path, offset, WINDOW, "read");
    for (let start = 0; start < WINDOW; start += BLOCK) {
      hash.update(mapping.bytes.subarray(start, start + BLOCK));
      await nextTurn();
    }
  }
}

async function writeAsync(path: string, hash: Hash): Promise<void> {
  using file = await Deno.create(path);
  for (const chunk of chunks(SIZE)) {
    const written = file.write(chunk);
    hash.update(chunk);
    await written;
    await nextTurn();
  }
}

async function writeSync(path: string, hash: Hash): Promise<void> {
  using file = await Deno.create(path);
  for (const chunk of chunks(SIZE)) {
    file.writeSync(chunk);
    hash.update(chunk);
    await nextTurn();
  }
}

async function writeMapped(path: string, hash: Hash): Promise<void> {
  (await Deno.create(path)).close();
  FileMapping.allocate(path, SIZE); // a hole on a full disk would be SIGBUS
  for (let offset = 0; offset < SIZE; offset += WINDOW) {
    using mapping = FileMapping.map(path, offset, WINDOW, "write");
    let start = 0;
    for (const chunk of chunks(WINDOW)) {
      mapping.bytes.set(chunk, start);
      hash.update(chunk);
      start += chunk.length;
      await nextTurn();
    }
  }
}

const SAMPLE = new Uint8Array(CHUNK).fill(0x5a);

function* chunks(size: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let left = size; left > 0; left -= CHUNK) yield SAMPLE.subarray(0, left);
}

async function measure(name: string, way: Way, path: string): Promise<void> {
  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 1);
  const cpu = cpuUsage();
  const start = performance.now();
  await way(path, createHash("sha256"));
  const wall = performance.now() - start;
  const { user, system } = cpuUsage(cpu);
  clearInterval(timer);
  const gib = SIZE / 2 ** 30;
  console.log(
    `${name.padEnd(28)} ${(wall / 1000 / gib).toFixed(2)} s/GiB, ` +
      `CPU ${((user + system) / 1e6 / gib).toFixed(2)} s/GiB, ` +
      `JavaScript stopped for at most ${Math.max(...gaps).toFixed(1)} ms`,
  );
}

async function main(): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-files-" });
  try {
    const source = await sourceFile(directory, SIZE);
    const target = join(directory, "target");
    for (let round = 0; round < ROUNDS; round++) {
      for (const cache of ["warm", "cold"]) {
        for (const [name, way] of Object.entries(READS)) {
          if (cache === "cold") FileMapping.dropCache(source);
          await measure(`${name}, ${cache}`, way, source);
        }
      }
      for (const [name, way] of Object.entries(WRITES)) {
        await measure(name, way, target);
        await Deno.remove(target);
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) await main();
