import assert from "node:assert/strict";
import { join } from "node:path";
import { systemOfBinary } from "../../compile/binary_format.ts";
import { CHECKSUMS_FILE, writeChecksums } from "../../compile/checksums.ts";
import { currentCommit } from "../../compile/commit.ts";
import { CompileError } from "../../compile/compile_error.ts";
import { compileArguments } from "../../compile/deno_compile.ts";
import { checkDenort, denortAdvice } from "../../compile/denort.ts";
import { findLibrary, namedLibrary, readLibrary } from "../../compile/library.ts";
import { targetOf, TARGETS } from "../../compile/targets.ts";

const { linux, windows } = TARGETS;

/** The beginning of an ELF file for a processor (62 is x64). */
function elf(machine: number): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46]);
  new DataView(bytes.buffer).setUint16(18, machine, true);
  return bytes;
}

/** The beginning of a PE file for a processor (0x8664 is x64). */
function pe(machine: number): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.set([0x4d, 0x5a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(60, 64, true);
  view.setUint16(68, machine, true);
  return bytes;
}

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "msquicd-compile-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("systemOfBinary() tells Linux from Windows, and x64 from anything else", () => {
  assert.equal(systemOfBinary(elf(62)), "linux");
  assert.equal(systemOfBinary(pe(0x8664)), "windows");
  assert.equal(systemOfBinary(elf(183)), undefined, "arm64");
  assert.equal(systemOfBinary(pe(0xaa64)), undefined, "arm64");
  assert.equal(systemOfBinary(elf(62).subarray(0, 16)), undefined);
  assert.equal(systemOfBinary(pe(0x8664).subarray(0, 60)), undefined);
  assert.equal(systemOfBinary(new Uint8Array()), undefined);
  assert.equal(systemOfBinary(new TextEncoder().encode("#!/bin/sh\n")), undefined);
});

Deno.test("targetOf() knows the systems there are executables for", () => {
  assert.equal(targetOf("linux"), linux);
  assert.equal(targetOf("windows"), windows);
  for (const name of ["darwin", "", "constructor"]) {
    assert.throws(() => targetOf(name), CompileError);
  }
});

Deno.test("namedLibrary() prefers --msquic, and takes MSQUIC_DLL for Windows", () => {
  const before = Deno.env.get("MSQUIC_DLL");
  try {
    Deno.env.delete("MSQUIC_DLL");
    assert.equal(namedLibrary(windows, undefined), undefined);
    Deno.env.set("MSQUIC_DLL", "b.dll");
    assert.equal(namedLibrary(windows, undefined), "b.dll");
    assert.equal(namedLibrary(windows, "a.dll"), "a.dll");
    assert.equal(namedLibrary(linux, undefined), undefined);
    assert.equal(namedLibrary(linux, "a.so"), "a.so");
  } finally {
    if (before === undefined) Deno.env.delete("MSQUIC_DLL");
    else Deno.env.set("MSQUIC_DLL", before);
  }
});

Deno.test("findLibrary() says how to name the library of another system", async () => {
  const other = Deno.build.os === "windows" ? linux : windows;
  await assert.rejects(findLibrary(other), /without a .*--msquic FILE/);
});

Deno.test("readLibrary() refuses what is no MsQuic for the system", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "library");
    await assert.rejects(readLibrary(linux, file), CompileError);
    await Deno.writeFile(file, elf(62));
    await assert.rejects(readLibrary(windows, file), /no library for windows/);
    await assert.rejects(readLibrary(linux, file), /not MsQuic/);
    await Deno.writeFile(file, new TextEncoder().encode("MsQuicOpenVersion"), { append: true });
    assert.equal((await readLibrary(linux, file)).length, 64 + 17);
  });
});

Deno.test("checkDenort() refuses a DENORT_BIN for another system", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "denort");
    await assert.rejects(checkDenort(linux, file), /DENORT_BIN/);
    await Deno.writeFile(file, elf(62));
    await checkDenort(linux, file);
    await assert.rejects(checkDenort(windows, file), /no program for x86_64-pc-windows-msvc/);
    await checkDenort(windows, undefined);
  });
});

Deno.test("denortAdvice() names the file of this very version", () => {
  assert.ok(denortAdvice(windows).includes(`v${Deno.version.deno}/denort-${windows.triple}.zip`));
});

Deno.test("compileArguments() fixes what an executable may do", () => {
  const options = { folder: "/p/bundle", output: "/p/dist/x", icon: "/p/x.ico" };
  const args = compileArguments({ ...options, target: linux });
  for (const flag of ["--allow-all", "--no-code-cache", "--no-config"]) {
    assert.ok(args.includes(flag));
  }
  assert.ok(!args.includes("--icon"));
  assert.match(args.join(" "), /--include \. --output \/p\/dist\/x main\.js$/);
  assert.match(
    compileArguments({ ...options, target: windows }).join(" "),
    /--icon \/p\/x\.ico /,
  );
});

Deno.test("writeChecksums() lists the executables, and nothing else", async () => {
  await withFolder(async (folder) => {
    for (const name of [linux.executable, windows.executable, "other"]) {
      await Deno.writeTextFile(join(folder, name), "abc");
    }
    await writeChecksums(folder);
    const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(
      await Deno.readTextFile(join(folder, CHECKSUMS_FILE)),
      `${sum}  msquicd-linux-x64\n${sum}  msquicd-windows-x64.exe\n`,
    );
  });
});

Deno.test("currentCommit() is unknown outside of a checkout", async () => {
  await withFolder(async (folder) => assert.equal(await currentCommit(folder), "unknown"));
});
