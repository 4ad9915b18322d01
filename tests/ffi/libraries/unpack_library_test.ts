import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { locateLibrary } from "../../../ffi/msquic/locate.ts";
import { mountOptions } from "../../../ffi/libraries/noexec.ts";
import { mayMount, mountMemory } from "../../fixtures/mounts.ts";
import { unpackDirectories, type UnpackProbes } from "../../../ffi/libraries/unpack_directories.ts";
import {
  type CarriedLibrary,
  UnpackError,
  unpackLibrary,
} from "../../../ffi/libraries/unpack_library.ts";

/** A stand-in for a library, which counts how often it is read. */
function carried(text: string): CarriedLibrary & { reads: number } {
  const content = new TextEncoder().encode(text);
  return {
    what: "a library",
    advice: "mend that, or set MSQUIC_PATH",
    fileName: "libfake.so.2",
    sha256: createHash("sha256").update(content).digest("hex"),
    size: content.length,
    reads: 0,
    read() {
      this.reads++;
      return content;
    },
    tryOut() {},
  };
}

function unpackTest(name: string, fn: (directory: string) => void, ignore = false): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const base = await Deno.makeTempDir({ prefix: "msquicd-unpack-" });
      try {
        fn(join(base, "new", "folder"));
      } finally {
        await Deno.remove(base, { recursive: true });
      }
    },
  });
}

const windows = Deno.build.os === "windows";

function namesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name);
}

unpackTest("unpackLibrary() writes once, for the owner alone, and leaves nothing else", (place) => {
  const library = carried("one");
  const path = unpackLibrary(library, [place]);
  assert.equal(Deno.readTextFileSync(path), "one");
  assert.deepEqual(namesIn(place), [`${library.sha256}-libfake.so.2`]);
  if (!windows) {
    assert.equal((Deno.statSync(place).mode ?? 0) & 0o777, 0o700);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }
  assert.equal(unpackLibrary(library, [place]), path);
  assert.equal(library.reads, 1);
});

unpackTest("unpackLibrary() keeps versions apart", (place) => {
  const paths = ["one", "two"].map((text) => unpackLibrary(carried(text), [place]));
  assert.deepEqual(paths.map((path) => Deno.readTextFileSync(path)), ["one", "two"]);
});

unpackTest("unpackLibrary() replaces what has not its content", (place) => {
  const library = carried("one");
  const path = unpackLibrary(library, [place]);
  for (const other of ["", "two", "longer than it"]) {
    Deno.writeTextFileSync(path, other);
    unpackLibrary(library, [place]);
    assert.equal(Deno.readTextFileSync(path), "one");
  }
});

unpackTest("unpackLibrary() replaces a file that others could have opened for writing", (place) => {
  const library = carried("one");
  const path = unpackLibrary(library, [place]);
  Deno.chmodSync(path, 0o666);
  const { ino } = Deno.statSync(path);
  unpackLibrary(library, [place]);
  assert.notEqual(Deno.statSync(path).ino, ino);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
}, windows);

unpackTest("unpackLibrary() does not follow a link in its place", (place) => {
  const library = carried("one");
  const path = unpackLibrary(library, [place]);
  const target = join(place, "target");
  Deno.renameSync(path, target);
  Deno.symlinkSync(target, path);
  unpackLibrary(library, [place]);
  assert.ok(Deno.lstatSync(path).isFile);
  assert.equal(Deno.readTextFileSync(target), "one");
}, windows);

unpackTest("unpackLibrary() avoids folders that are not this user's alone", (place) => {
  const library = carried("one");
  const hostile = join(place, "hostile");
  const linked = join(place, "linked");
  const exposed = join(place, "all", "exposed");
  const good = join(place, "good");
  for (const directory of [hostile, good, exposed]) Deno.mkdirSync(directory, { recursive: true });
  Deno.chmodSync(good, 0o700);
  Deno.chmodSync(hostile, 0o770);
  Deno.chmodSync(exposed, 0o700);
  Deno.chmodSync(join(place, "all"), 0o777);
  Deno.symlinkSync(good, linked);
  assert.ok(unpackLibrary(library, [hostile, linked, exposed, good]).startsWith(good));
  for (const directory of [hostile, exposed]) assert.deepEqual(namesIn(directory), []);
  assert.throws(() => unpackLibrary(library, [hostile]), /hostile" \(others can write to it\)/);
  assert.throws(() => unpackLibrary(library, [linked]), /linked" \(it is no directory\)/);
  assert.throws(() => unpackLibrary(library, [exposed]), /writable by all/);
}, windows);

unpackTest("unpackLibrary() avoids a folder of someone else", (place) => {
  Deno.mkdirSync(place, { recursive: true, mode: 0o700 });
  Deno.chownSync(place, 12345, 12345);
  assert.throws(() => unpackLibrary(carried("one"), [place]), /belongs to user 12345/);
}, windows || Deno.uid() !== 0);

unpackTest("unpackLibrary() names every place it tried, and a way out", (place) => {
  Deno.mkdirSync(place, { recursive: true });
  const file = join(place, "file");
  Deno.writeTextFileSync(file, "");
  const inside = join(file, "inside");
  assert.throws(() => unpackLibrary(carried("one"), [file, inside]), (error) => {
    assert.ok(error instanceof UnpackError);
    assert.equal(error.code, "msquic-not-unpacked");
    for (const directory of [file, inside]) assert.ok(error.message.includes(`"${directory}"`));
    assert.match(error.message, /a file is in the way/);
    assert.match(error.message, /MSQUIC_PATH/);
    return true;
  });
});

// B4
unpackTest(
  "unpackLibrary() goes on where a place can be written to, but not loaded from",
  (place) => {
    const [first, second] = [join(place, "first"), join(place, "second")];
    const library = carried("one");
    const tried: string[] = [];
    const picky = {
      ...library,
      tryOut(path: string) {
        tried.push(path);
        if (path.startsWith(first)) throw new Error("failed to map segment from shared object");
      },
    };
    const path = unpackLibrary(picky, [first, second]);
    assert.ok(path.startsWith(second));
    assert.equal(tried.length, 2);
    assert.deepEqual(namesIn(first), []);
    assert.throws(() => unpackLibrary(picky, [first]), (error) => {
      assert.ok(error instanceof UnpackError);
      assert.match(error.message, /first" \(failed to map segment .*MSQUIC_PATH/);
      return true;
    });
    // What was there before stays: another program may be able to load it.
    const there = unpackLibrary(library, [first]);
    assert.throws(() => unpackLibrary(picky, [first]), UnpackError);
    assert.equal(Deno.readTextFileSync(there), "one");
  },
);

Deno.test("mountOptions() finds the mount that a path lies in", () => {
  const table = [
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "30 22 0:25 / /home rw,noexec,nosuid - tmpfs tmpfs rw",
    "31 30 0:26 / /home/a\\040b rw - tmpfs tmpfs rw",
    "32 30 0:27 / /home/twice ro - tmpfs tmpfs rw",
    "33 32 0:28 / /home/twice rw,noexec - tmpfs tmpfs rw",
    "",
  ].join("\n");
  const cases: [string, boolean][] = [
    ["/etc/x", false],
    ["/homely/x", false],
    ["/home", true],
    ["/home/me/lib.so", true],
    ["/home/a b/lib.so", false],
    ["/home/twice/lib.so", true],
  ];
  for (const [path, noexec] of cases) {
    assert.equal(mountOptions(path, table).includes("noexec"), noexec, path);
  }
});

Deno.test({
  name: "unpackLibrary() names noexec as the reason, and takes a real library to the next place",
  ignore: !mayMount,
  async fn() {
    const base = await Deno.makeTempDir({ prefix: "msquicd-unpack-" });
    try {
      const forbidden = join(base, "forbidden");
      await using disk = await mountMemory(forbidden, "mode=0700,noexec");
      if (disk === undefined) return;
      const content = Deno.readFileSync(locateLibrary().path);
      const library: CarriedLibrary = {
        what: "a library",
        advice: "mend that, or set MSQUIC_PATH",
        fileName: "libmsquic.so.2",
        sha256: createHash("sha256").update(content).digest("hex"),
        size: content.length,
        read: () => content,
        tryOut: (path) => Deno.dlopen(path, {}).close(),
      };
      const allowed = join(base, "allowed");
      assert.ok(unpackLibrary(library, [forbidden, allowed]).startsWith(allowed));
      assert.deepEqual(namesIn(forbidden), []);
      assert.throws(
        () => unpackLibrary(library, [forbidden]),
        /forbidden" \(nothing can be loaded from there: .* noexec\); .*MSQUIC_PATH/,
      );
    } finally {
      await Deno.remove(base, { recursive: true });
    }
  },
});

unpackTest("unpackLibrary() removes what it could write in part only", (place) => {
  const library = { ...carried("one"), read: () => new TextEncoder().encode("on") };
  assert.throws(() => unpackLibrary(library, [place]), UnpackError);
  assert.deepEqual(namesIn(place), []);
});

const NOBODY: UnpackProbes = {
  os: "linux",
  uid: 1000,
  home: "/home/me",
  temporary: "/tmp",
  env: () => undefined,
};

function environment(variables: Record<string, string>): Pick<UnpackProbes, "env"> {
  return { env: (name) => variables[name] };
}

Deno.test({
  name: "unpackDirectories() prefers the user's cache to temporary files",
  ignore: windows, // paths are joined as this system does
  fn() {
    assert.deepEqual(unpackDirectories(NOBODY), ["/home/me/.cache/msquicd", "/tmp/msquicd-1000"]);
    assert.deepEqual(unpackDirectories({ ...NOBODY, home: null }), ["/tmp/msquicd-1000"]);
    const xdg = environment({ XDG_CACHE_HOME: "/x" });
    assert.deepEqual(unpackDirectories({ ...NOBODY, ...xdg })[0], "/x/msquicd");
    const relative = environment({ XDG_CACHE_HOME: "x" });
    assert.deepEqual(unpackDirectories({ ...NOBODY, ...relative }), unpackDirectories(NOBODY));
  },
});

Deno.test("unpackDirectories() goes nowhere but to MSQUICD_STATE_DIR if that is set", () => {
  const chosen = join(Deno.cwd(), "state");
  const env = environment({ MSQUICD_STATE_DIR: chosen, XDG_CACHE_HOME: "/x" });
  assert.deepEqual(unpackDirectories({ ...NOBODY, ...env }), [join(chosen, ".library")]);
});

Deno.test("unpackDirectories() uses LOCALAPPDATA on Windows", () => {
  const env = environment({ LOCALAPPDATA: "local" });
  const probes = { ...NOBODY, ...env, os: "windows", uid: null, temporary: "temp" } as const;
  assert.deepEqual(unpackDirectories(probes), [
    join("local", "msquicd", ".library"),
    join("temp", "msquicd", ".library"),
  ]);
});
