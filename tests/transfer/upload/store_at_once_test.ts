import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Descriptor } from "../../../ffi/files/descriptor_linux.ts";
import { NewFile } from "../../../ffi/files/new_file_linux.ts";
import type { FilePutRequest } from "../../../protocol/mod.ts";
import { isInMemory } from "../../../ffi/mod.ts";
import {
  DiskStorage,
  findUpload,
  lockUpload,
  openStorageRoot,
  storeAtOnce,
  storedPlace,
} from "../../../transfer/mod.ts";
import { OWN_TREE, temporaryStorage, tree, writeFile } from "../temporary.ts";

const ID = "0".repeat(32);

async function ownedStorage() {
  const storage = await temporaryStorage();
  const root = { ...storage.root, owner: "test" };
  return { root, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() };
}

function hex(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** A file as it comes: its bytes and their SHA-256. */
function framed(data: Uint8Array): Uint8Array {
  return new Uint8Array([...data, ...createHash("sha256").update(data).digest()]);
}

function listed(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name);
}

/** Has something else done where a second name is made for a file. */
function replaceLinks(action: () => void): Disposable {
  const { linkSync } = Deno;
  const { linkEntry } = Descriptor.prototype;
  Object.assign(Deno, { linkSync: action });
  Object.assign(Descriptor.prototype, { linkEntry: action });
  return {
    [Symbol.dispose]() {
      Object.assign(Deno, { linkSync });
      Object.assign(Descriptor.prototype, { linkEntry });
    },
  };
}

/** Has the steps on the disk fail from the one numbered `allowed` on, as if the process were killed there. */
function killAfter(allowed: number): Disposable & { steps: number } {
  const restore: (() => void)[] = [];
  const state = { steps: 0, [Symbol.dispose]: () => restore.forEach((undo) => undo()) };
  const owners: [object, string[]][] = [
    [Deno, ["mkdirSync", "openSync", "linkSync", "renameSync", "removeSync", "writeTextFileSync"]],
    [Deno.FsFile.prototype, ["writeSync", "utimeSync"]],
    [NewFile.prototype, ["writeSync", "utimeSync"]],
    [Descriptor.prototype, ["createEntry", "linkEntry", "removeEntry"]],
  ];
  for (const [owner, names] of owners) {
    for (const name of names) {
      const original = Reflect.get(owner, name);
      const value = function (this: unknown, ...args: unknown[]) {
        if (state.steps >= allowed) throw new Error("Killed");
        state.steps++;
        return Reflect.apply(original, this, args);
      };
      Object.defineProperty(owner, name, { value, configurable: true, writable: true });
      restore.push(() =>
        Object.defineProperty(owner, name, { value: original, configurable: true, writable: true })
      );
    }
  }
  return state;
}

Deno.test("storeAtOnce() stores a file with its time, and leaves nothing else", async () => {
  await using storage = await ownedStorage();
  const { root } = storage;
  for (const size of [0, 1, 4096, 65_536]) {
    const data = new Uint8Array(randomBytes(size));
    const request = { name: `dir/of/${size}`, size, mtime: 1_600_000_000_000 };
    assert.equal(storeAtOnce(root, request, framed(data)), hex(data));
    assert.deepEqual(await Deno.readFile(join(root.path, request.name)), data);
    const { mtime } = await Deno.stat(join(root.path, request.name));
    assert.equal(mtime?.getTime(), request.mtime);
  }
  assert.deepEqual(listed(root.staging), []);
});

Deno.test("storeAtOnce() stores nothing where something is in the way", async () => {
  await using storage = await ownedStorage();
  const { root } = storage;
  const data = new Uint8Array(randomBytes(10));
  await writeFile(join(root.path, "taken"), "old");
  await Deno.mkdir(join(root.path, "directory"));
  if (Deno.build.os !== "windows") {
    await Deno.symlink(root.path, join(root.path, "link"));
    await Deno.symlink("nowhere", join(root.path, "dangling"));
  }
  const before = await tree(root.path);
  const requests: Omit<FilePutRequest, "size">[] = [
    { name: "taken", id: "1".repeat(32) },
    { name: "taken", overwrite: "newer" },
    { name: "taken/below" },
    { name: "directory" },
    { name: "directory", overwrite: "always" },
    { name: "link/a" },
    { name: "dangling" },
    { name: "dangling", overwrite: "always" },
  ];
  for (const request of requests) {
    if (Deno.build.os === "windows" && /link|dangling/.test(request.name)) continue;
    const stored = storeAtOnce(root, { ...request, size: 10 }, framed(data));
    assert.equal(stored, undefined, JSON.stringify(request));
  }
  const wrong = framed(data);
  wrong[0]! ^= 1;
  assert.equal(storeAtOnce(root, { name: "wrong", size: 10 }, wrong), undefined);
  assert.throws(() => storeAtOnce(root, { name: "../a", size: 10 }, framed(data)), {
    code: "invalid-name",
  });
  assert.throws(() => storeAtOnce(root, { name: "taken", size: 10 }, framed(data)), {
    code: "file-exists",
  });
  assert.deepEqual(await tree(root.path), before);
  assert.equal(await Deno.readTextFile(join(root.path, "taken")), "old");
});

Deno.test("storeAtOnce() removes the directories it has made where it then stores nothing", async () => {
  await using storage = await ownedStorage();
  const { root } = storage;
  const name = `some/dir/${"a".repeat(255)}`;
  using _noLinks = replaceLinks(() => {
    throw new Error("No link can be made");
  });
  assert.equal(storeAtOnce(root, { name, size: 0 }, framed(new Uint8Array())), undefined);
  assert.deepEqual(await tree(root.path), OWN_TREE);
});

Deno.test("storeAtOnce() killed at any step leaves the old file or the new one, and says which", async () => {
  for (const overwrite of ["never", "always"] as const) {
    for (const old of overwrite === "always" ? ["old", undefined] : [undefined]) {
      let outcomes = "";
      for (let allowed = 0, done = false; !done; allowed++) {
        await using storage = await ownedStorage();
        const { root } = storage;
        const target = join(root.path, "a");
        if (old !== undefined) await writeFile(target, old);
        const data = new Uint8Array(randomBytes(1000));
        const request = { id: ID, name: "a", size: data.length, overwrite, mtime: Date.now() };
        {
          using kill = killAfter(allowed);
          storeAtOnce(root, request, framed(data));
          done = kill.steps < allowed;
        }
        const content = await readIfThere(target);
        const stored = content !== undefined && hex(content) === hex(data);
        if (!stored) {
          assert.equal(content && new TextDecoder().decode(content), old, `after ${allowed} steps`);
        }
        outcomes += stored ? "1" : "0";
        // Another worker is asked whether it is to be sent again.
        const found = await findUpload(root, request, storedPlace(root, "a"));
        assert.deepEqual(
          found,
          stored ? { offset: data.length, sha256: hex(data) } : { offset: 0 },
          `after ${allowed} steps`,
        );
        if (stored) assert.deepEqual(listed(root.staging), []);
        else assert.equal(storeAtOnce(root, request, framed(data)), hex(data));
      }
      assert.match(outcomes, /^0{4,}1{2,}$/);
    }
  }
});

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch {
    return undefined;
  }
}

Deno.test("DiskStorage flushes small files, but not where they are in memory", async () => {
  const data = randomBytes(8);
  const memory = "/dev/shm";
  const places = [undefined, ...(isInMemory(memory) ? [memory] : [])];
  for (const dir of places) {
    const path = await Deno.makeTempDir({ prefix: "msquicd-", ...(dir && { dir }) });
    try {
      for (const durability of ["full", "file", "none"] as const) {
        const root = await openStorageRoot(path, undefined, { durability });
        const files = new DiskStorage({ ...root, owner: "test", tryLock: lockUpload });
        const flushes = durability !== "none" && !isInMemory(path);
        using batch = files.storeTogether();
        assert.equal(batch !== undefined, flushes, `${durability} in ${path}`);
        const request = { name: durability, size: 8 };
        assert.equal(files.storeNow(request, framed(data)), flushes ? undefined : hex(data));
      }
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  }
});
