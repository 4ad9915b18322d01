import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import { InterruptedError } from "../../../cli/errors.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";
import { tree, writeFile } from "../../transfer/temporary.ts";
import { commandLineFor } from "../command_line.ts";

/** Names that Windows cannot have, and what they are on a server. */
const NAMES: readonly (readonly [here: string, there: string])[] = [
  ["12:30.log", "12%3A30.log"],
  ["a%3Ab", "a%253Ab"],
  ["a:b", "a%3Ab"],
  ["con.txt", "%63on.txt"],
  ["empty?", "empty%3F"],
  ["plain", "plain"],
  ["q*", "q%2A"],
  ["q*/back\\slash", "q%2A/back%5Cslash"],
  ["q*/end.", "q%2A/end%2E"],
];
const HERE = NAMES.map(([here]) => here).sort();
const THERE = NAMES.map(([, there]) => there).sort();

async function makeTree(directory: string): Promise<void> {
  for (const name of HERE.filter((name) => name !== "empty?" && name !== "q*")) {
    await writeFile(join(directory, name), name);
  }
  await Deno.mkdir(join(directory, "empty?"));
}

function test(name: string, fn: (bench: Bench) => Promise<void>): void {
  const ignore = Deno.build.os === "windows";
  Deno.test({ name, ignore, fn: () => withServer(fn) });
}

test("--encode-names has every name come back as it was", async (bench) => {
  const run = commandLineFor(bench);
  const here = join(bench.directory, "here");
  const there = join(bench.directory, "storage/t");
  const back = join(bench.directory, "back");
  await makeTree(here);
  const refused = await run("put", here, "--to", "t");
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /12:30\.log" as a file name: .*; with --encode-names, put/);
  assert.match(refused.stderr, /empty\?" as a file name: .*; with --encode-names, put/);
  await Deno.remove(there, { recursive: true });

  const put = await run("put", here, "--to", "t", "--encode-names", "--json");
  assert.equal(put.exitCode, 0, put.stderr);
  assert.deepEqual(await tree(there), THERE);
  const named = put.json.find(({ name }: { name: string }) => name === "t/12%3A30.log");
  assert.equal(named.decodedName, "t/12:30.log");
  assert.ok(!("decodedName" in put.json.find(({ name }: { name: string }) => name === "t/plain")));

  assert.equal((await run("get", "-r", "t", "-o", back, "--encode-names")).exitCode, 0);
  assert.deepEqual(await tree(back), HERE);
  assert.equal(await Deno.readTextFile(join(back, "a%3Ab")), "a%3Ab");
  // Without the flag, they are files like others.
  assert.equal((await run("get", "-r", "t", "-o", `${back}2`)).exitCode, 0);
  assert.deepEqual(await tree(`${back}2`), THERE);
});

test("--encode-names compares, removes and leaves out by what names stand for", async (bench) => {
  const run = commandLineFor(bench);
  const here = join(bench.directory, "here");
  const there = join(bench.directory, "storage/t");
  const back = join(bench.directory, "back");
  await makeTree(here);
  assert.equal((await run("put", here, "--to", "t", "--encode-names")).exitCode, 0);
  const again = await run("sync", here, "t", "--encode-names", "--json");
  assert.equal(again.json.filter(({ skipped }: { skipped?: true }) => skipped).length, 7);

  await Deno.remove(join(here, "a:b"));
  await Deno.remove(join(here, "q*"), { recursive: true });
  const only = ["--encode-names", "--delete", "--exclude", "back\\\\*"];
  const planned = await run("sync", here, "t", ...only, "--dry-run", "--json");
  const doomed = planned.json.filter(({ removed }: { removed?: true }) => removed);
  assert.deepEqual(doomed, [
    { name: "t/a%3Ab", removed: true, planned: true, decodedName: "t/a:b" },
    { name: "t/q%2A/end%2E", removed: true, planned: true, decodedName: "t/q*/end." },
  ]);
  assert.deepEqual(await tree(there), THERE);
  assert.equal((await run("sync", here, "t", ...only)).exitCode, 0);
  const left = THERE.filter((name) => !/^a%3Ab$|end/.test(name));
  assert.deepEqual(await tree(there), left);

  await makeTree(back);
  assert.equal((await run("sync", "t", back, "--encode-names", "--delete")).exitCode, 0);
  assert.deepEqual(await tree(back), HERE.filter((name) => !/^a:b$|end/.test(name)));
});

test("--encode-names takes names that are typed either way, and says what gets too long", async (bench) => {
  const run = commandLineFor(bench);
  const here = join(bench.directory, "x:y");
  await writeFile(here, "1");
  const out = join(bench.directory, "out");
  assert.equal((await run("put", here, "--encode-names")).exitCode, 0);
  assert.equal((await run("put", here, "--to", "z:/", "--encode-names")).exitCode, 0);
  for (const typed of ["x:y", "x%3Ay", "z:/x:y", "z%3A/*"]) {
    const { exitCode, stderr } = await run("get", typed, "-o", `${out}/`, "--encode-names");
    assert.equal(exitCode, 0, stderr);
    await Deno.remove(join(out, "x:y"));
  }
  const long = join(bench.directory, ":".repeat(86));
  await writeFile(long, "");
  const { exitCode, stderr } = await run("put", long, "--encode-names");
  assert.equal(exitCode, 2);
  assert.match(stderr, /encoded, as it has to be, it has 258 bytes, and 255 are the most/);
});

test("sync --watch --encode-names follows what changes under such names", async (bench) => {
  const stop = new AbortController();
  const run = commandLineFor(bench, stop.signal);
  const here = join(bench.directory, "here");
  const there = join(bench.directory, "storage/t:");
  await writeFile(join(here, "a"), "1");
  const watching = run("sync", here, "t:", "--watch", "--delete", "--encode-names");
  const until = async (...wanted: string[]) => {
    for (let tries = 0; tries < 500; tries++) {
      const found = await tree(there.replace(":", "%3A")).catch(() => []);
      if (JSON.stringify(found) === JSON.stringify(wanted)) return;
      await delay(20);
    }
    assert.fail(`Never was there ${wanted}`);
  };
  try {
    await until("a");
    await writeFile(join(here, "d?/b:"), "2");
    await until("a", "d%3F", "d%3F/b%3A");
    await Deno.remove(join(here, "d?"), { recursive: true });
    await until("a");
  } finally {
    stop.abort(new InterruptedError());
  }
  assert.equal((await watching).exitCode, 130);
});
