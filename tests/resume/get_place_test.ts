import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Client, KeptPart } from "../../client/mod.ts";
import { asNobody, mayBeNobody } from "../fixtures/as_nobody.ts";
import { MIB, randomData, ResumeBench, sha256 } from "./bench.ts";

const onLinux = Deno.build.os === "linux";
const mayMount = onLinux && Deno.uid() === 0;

/** A client, and an empty directory for what it fetches. */
async function setUp(bench: ResumeBench): Promise<{ client: Client; here: string }> {
  const client = await bench.connect(await bench.serve());
  const here = join(bench.root, "..", "here");
  await Deno.mkdir(here);
  return { client, here };
}

function namesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

async function run(...[command = "", ...args]: string[]): Promise<boolean> {
  return (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
}

/** Fetches until some bytes have come, then gives up. */
async function getPart(client: Client, name: string, path: string): Promise<KeptPart> {
  const cut = new AbortController();
  const kept: KeptPart[] = [];
  const fetching = client.get(name, path, {
    resume: true,
    signal: cut.signal,
    onProgress: (received) => received >= MIB && cut.abort(new Error("Cut")),
    onKept: (part) => kept.push(part),
  });
  await assert.rejects(fetching, { message: "Cut" });
  const [part = assert.fail("Nothing was kept")] = kept;
  return part;
}

// The part's name is longer than the file's
Deno.test("put() and get() take the longest names there are, and get() goes on with them", async () => {
  await using bench = await ResumeBench.open();
  const { client, here } = await setUp(bench);
  const data = randomData(6 * MIB);
  // Of one, of two and of four bytes a character; and two that begin alike.
  const names = ["x".repeat(251), "é".repeat(125), "🦕".repeat(62), `${"x".repeat(250)}y`];
  for (const start of names) {
    const name = `${start}.bin`;
    const source = await bench.source(data, name);
    await client.put(source);
    const path = join(here, name);
    const { path: part, bytes } = await getPart(client, name, path);
    assert.equal((await Deno.stat(part)).size, bytes);
    assert.deepEqual(namesIn(here).length, 1);
    const { resumedFrom } = await client.get(name, path, { resume: true });
    assert.equal(resumedFrom, bytes);
    assert.equal(Buffer.compare(await Deno.readFile(path), data), 0);
    await Deno.remove(path);
    await client.remove(name);
    await Deno.remove(source);
  }
  assert.deepEqual(namesIn(here), []);
});

// Places that are not there, or cannot be
Deno.test("get() makes the directories it needs, and none where it fetches nothing", async () => {
  await using bench = await ResumeBench.open();
  const { client, here } = await setUp(bench);
  await client.put(new Uint8Array([1, 2]), "a");
  await client.put(randomData(2 * MIB), "big");
  for (const resume of [true, false]) {
    const deep = join(here, "new", "deep");
    await client.get("a", join(deep, "a"), { resume });
    await client.get("big", join(deep, "deeper", "big"), { resume });
    assert.deepEqual(namesIn(deep), ["a", "deeper"]);
    await Deno.remove(join(here, "new"), { recursive: true });
    await assert.rejects(client.get("none", join(deep, "a"), { resume }), { code: "not-found" });
    const signal = AbortSignal.abort(new Error("Cut"));
    await assert.rejects(client.get("a", join(deep, "a"), { resume, signal }), { message: "Cut" });
    assert.deepEqual(namesIn(here), []);
  }
});

Deno.test({
  name: "get() writes to no link that has the hidden file's name",
  ignore: !onLinux,
  async fn() {
    await using bench = await ResumeBench.open();
    const { client, here } = await setUp(bench);
    const data = randomData(20 * MIB);
    await client.put(data, "a");
    const path = join(here, "a");
    const part = (await getPart(client, "a", path)).path;
    await Deno.remove(part);
    const elsewhere = join(bench.root, "..", "elsewhere");
    await Deno.writeTextFile(elsewhere, "kept");
    for (const target of [elsewhere, `${elsewhere}-missing`]) {
      await Deno.symlink(target, part);
      await client.get("a", path, { resume: true });
      assert.equal(Buffer.compare(await Deno.readFile(path), data), 0);
      assert.equal(await Deno.readTextFile(elsewhere), "kept");
      await assert.rejects(Deno.lstat(`${elsewhere}-missing`), Deno.errors.NotFound);
      await Promise.all([Deno.remove(part), Deno.remove(path)]);
    }
  },
});

Deno.test("get() says in one sentence of its own where it cannot write", async () => {
  await using bench = await ResumeBench.open();
  const { client, here } = await setUp(bench);
  await client.put(new Uint8Array([1, 2]), "a");
  await client.put(randomData(2 * MIB), "big");
  await Deno.writeTextFile(join(here, "file"), "kept");
  await Deno.mkdir(join(here, "directory"));
  const places = ["file/x", "file/x/y", "directory", `${"z".repeat(300)}`, `${"z".repeat(300)}/y`];
  if (onLinux) {
    await Deno.symlink("loop", join(here, "loop"));
    await Deno.symlink("nowhere", join(here, "dangling"));
    assert.ok(await run("mkfifo", join(here, "pipe")));
    places.push("loop", "loop/x", "dangling", "pipe", "/dev/null", "/dev/full", "/dev/stdout");
    places.push("/proc/none/x");
  }
  const before = namesIn(here);
  for (const place of places) {
    const path = place.startsWith("/") ? place : join(here, place);
    for (const name of ["a", "big"]) {
      for (const overwrite of ["never", "always", "newer"] as const) {
        await assert.rejects(client.get(name, path, { overwrite, resume: true }), (error) => {
          assert.ok(error instanceof Error);
          assert.match(error.message, /^Cannot \w[^\n]*"[^\n]+[^.]$/);
          assert.doesNotMatch(error.message, /os error|readdir|lstat|^[A-Z]\w+:/);
          return true;
        }, place);
      }
    }
  }
  assert.deepEqual(namesIn(here), before);
  assert.equal(await Deno.readTextFile(join(here, "file")), "kept");
  if (onLinux) assert.ok((await Deno.lstat("/dev/null")).isCharDevice);
});

// Rights
Deno.test({
  name: "get() needs no more of a directory than to write to it, and says so where it may not",
  ignore: !mayBeNobody,
  async fn() {
    await using bench = await ResumeBench.open();
    const { client, here } = await setUp(bench);
    await Deno.chmod(join(here, ".."), 0o755);
    const data = randomData(4 * MIB);
    await client.put(data, "a");
    await Deno.mkdir(join(here, "open"));
    await Deno.mkdir(join(here, "shared"));
    await Deno.chmod(join(here, "open"), 0o733); // may be written to, but not listed
    await Deno.chmod(join(here, "shared"), 0o777);
    // What another user has left may not be written to.
    const part = (await getPart(client, "a", join(here, "shared", "a"))).path;
    await asNobody(async () => {
      for (const directory of ["open", "shared"]) {
        const path = join(here, directory, "a");
        await client.get("a", path, { resume: true });
        assert.equal(Buffer.compare(await Deno.readFile(path), data), 0);
      }
      for (const resume of [true, false]) {
        for (const path of [join(here, "a"), join(here, "new", "a")]) {
          await assert.rejects(client.get("a", path, { resume }), {
            code: "permission-denied",
            message: `Cannot write "${path}": the operating system does not allow it`,
          });
        }
      }
    });
    assert.deepEqual(namesIn(here), ["open", "shared"]);
    assert.deepEqual(namesIn(join(here, "shared")).length, 2);
    await Deno.remove(part);
  },
});

// The disk is full
Deno.test({
  name: "get() onto a full disk names the file, and gives the room back",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    const { client, here } = await setUp(bench);
    if (!await run("mount", "-t", "tmpfs", "-o", "size=14m", "tmpfs", here)) return;
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => assert.ok(await run("umount", "--lazy", here)));
    const data = randomData(16 * MIB);
    await client.put(data, "a");
    const path = join(here, "new", "copy");
    const kept: KeptPart[] = [];
    const onKept = (part: KeptPart) => void kept.push(part);
    const full = {
      code: "no-space",
      message: `Cannot write "${path}": a file of 16 MiB does not fit on its disk: 2 MiB missing`,
    };
    await assert.rejects(client.get("a", path, { resume: true, onKept }), full);
    assert.deepEqual([namesIn(here), kept], [[], []]);
    // What is left of an interruption goes as well, where there is no room for the rest.
    await run("mount", "-o", "remount,size=80m", here);
    const more = randomData(48 * MIB); // a busy machine has a good part of it before the cut comes
    await client.put(more, "b");
    const part = await getPart(client, "b", join(here, "copy"));
    assert.ok(part.bytes >= MIB && part.path.startsWith(here));
    const nearlyFull = (await Deno.stat(part.path)).blocks! * 512 + 64 * 1024;
    assert.ok(await run("mount", "-o", `remount,size=${nearlyFull}`, here));
    await assert.rejects(client.get("b", join(here, "copy"), { resume: true, onKept }), {
      code: "no-space",
    });
    assert.deepEqual([namesIn(here), kept], [[], []]);
    await run("mount", "-o", "remount,size=80m", here);
    const { sha256: hash } = await client.get("b", join(here, "copy"), { resume: true });
    assert.equal(hash, sha256(more));
  },
});
