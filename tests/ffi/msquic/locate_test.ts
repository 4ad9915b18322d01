import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import {
  libraryFileName,
  LibraryNotFoundError,
  locateLibrary,
  type LocateProbes,
} from "../../../ffi/msquic/locate.ts";

const NOTHING: LocateProbes = {
  fileName: "libmsquic.so.2",
  environmentPath: undefined,
  unpack: undefined,
  builtDirectory: "/checkout/.build/native",
  executableDirectory: "/opt/msquicd",
  isFile: () => false,
  canLoad: () => false,
};

const BUILT = join("/checkout/.build/native", "libmsquic.so.2");
const BESIDE = join("/opt/msquicd", "libmsquic.so.2");

Deno.test("locateLibrary() prefers MSQUIC_PATH, then the built one, the executable's, the system's", () => {
  const everywhere = { ...NOTHING, isFile: () => true, canLoad: () => true };
  assert.deepEqual(locateLibrary({ ...everywhere, environmentPath: "/own/msquic.so" }), {
    path: resolve("/own/msquic.so"),
    source: "environment",
  });
  assert.deepEqual(locateLibrary(everywhere), { path: BUILT, source: "built" });
  assert.deepEqual(locateLibrary({ ...everywhere, isFile: (path) => path !== BUILT }), {
    path: BESIDE,
    source: "executable",
  });
  assert.deepEqual(locateLibrary({ ...everywhere, isFile: () => false }), {
    path: "libmsquic.so.2",
    source: "system",
  });
});

Deno.test("locateLibrary() unpacks what the executable carries, unless MSQUIC_PATH is set", () => {
  const carrying = { ...NOTHING, isFile: () => true, unpack: () => "/cache/libmsquic.so.2" };
  assert.deepEqual(locateLibrary(carrying), { path: "/cache/libmsquic.so.2", source: "embedded" });
  const unpack = () => assert.fail("not asked for");
  const named = { ...NOTHING, isFile: () => true, unpack, environmentPath: "/own/msquic.so" };
  assert.equal(locateLibrary(named).source, "environment");
});

Deno.test("locateLibrary() makes a relative MSQUIC_PATH absolute, for a bare name means another thing", () => {
  const located = locateLibrary({ ...NOTHING, environmentPath: "msquic.so", isFile: () => true });
  assert.equal(located.path, resolve("msquic.so"));
});

Deno.test("locateLibrary() does not fall through when MSQUIC_PATH names no file", () => {
  const isFile = (path: string) => path === BUILT;
  assert.throws(
    () => locateLibrary({ ...NOTHING, environmentPath: "/missing.so", isFile }),
    (error: unknown) => {
      assert.ok(error instanceof LibraryNotFoundError);
      assert.equal(error.code, "msquic-not-found");
      assert.deepEqual(error.tried, [resolve("/missing.so")]);
      assert.match(error.message, /MSQUIC_PATH is \/missing\.so/);
      return true;
    },
  );
});

Deno.test("locateLibrary() takes an empty MSQUIC_PATH as unset", () => {
  const located = locateLibrary({ ...NOTHING, environmentPath: "", isFile: () => true });
  assert.equal(located.source, "built");
});

Deno.test("locateLibrary() lists every path it tried, and three ways out", () => {
  assert.throws(() => locateLibrary(NOTHING), (error: unknown) => {
    assert.ok(error instanceof LibraryNotFoundError);
    for (const path of [BUILT, BESIDE, "libmsquic.so.2 (as a library of the system)"]) {
      assert.ok(error.tried.includes(path));
      assert.ok(error.message.includes(path));
    }
    for (const way of ["deno task native", "MSQUIC_PATH", "install the package libmsquic"]) {
      assert.ok(error.message.includes(way));
    }
    return true;
  });
});

Deno.test("locateLibrary() looks beside the executable in a compiled one only", () => {
  const asked: string[] = [];
  const probes = {
    ...NOTHING,
    executableDirectory: undefined,
    isFile: (path: string) => asked.push(path) < 0,
  };
  assert.throws(() => locateLibrary(probes), LibraryNotFoundError);
  assert.deepEqual(asked, [BUILT]);
});

Deno.test("libraryFileName() is the file that MsQuic installs on each system", () => {
  assert.equal(libraryFileName("linux"), "libmsquic.so.2");
  assert.equal(libraryFileName("windows"), "msquic.dll");
});
