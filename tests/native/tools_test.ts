import assert from "node:assert/strict";
import { describeMissing, missingTools, requiredTools } from "../../native/tools.ts";

const FOUND = { success: true, output: "cargo 1.90.0 (2026-01-01)" };
const NOT_FOUND = { success: false, output: "" };

Deno.test("missingTools() finds nothing missing when every probe succeeds", () => {
  assert.deepEqual(missingTools(requiredTools("linux"), () => FOUND), []);
});

Deno.test("missingTools() takes any one of several compilers", () => {
  const without = (name: string) => ([program]: readonly [string, ...string[]]) =>
    program === name ? NOT_FOUND : FOUND;
  assert.deepEqual(missingTools(requiredTools("linux"), without("cc")), []);
  assert.deepEqual(missingTools(requiredTools("linux"), without("make")), []);
});

Deno.test("missingTools() compares versions as numbers", () => {
  const outdated = (output: string) =>
    missingTools(requiredTools("linux"), () => ({ success: true, output }))
      .map(({ tool, found }) => `${tool.name} ${found}`);
  assert.deepEqual(outdated("cargo 1.9.0"), ["cargo 1.9.0"]);
  assert.deepEqual(outdated("cargo 1.81.0-nightly"), ["cargo 1.81.0"]);
  assert.deepEqual(outdated("cargo 1.82.0"), []);
  assert.deepEqual(outdated("cargo 2.0.0"), []);
  assert.deepEqual(outdated("rustup: no default toolchain"), ["cargo of an unknown version"]);
});

Deno.test("describeMissing() names every tool, and its package on each system", () => {
  const text = describeMissing(missingTools(requiredTools("linux"), () => NOT_FOUND), "linux");
  for (const name of ["cargo", "cmake", "perl", "make", "a C compiler", "a C++ compiler"]) {
    assert.ok(text.includes(`missing: ${name}`), name);
  }
  assert.ok(text.includes("Debian, Ubuntu: apt install cargo cmake perl make gcc g++"));
  assert.ok(text.includes("Fedora: dnf install cargo cmake perl make gcc gcc-c++"));
  assert.ok(text.includes("Arch: pacman -S rust cmake perl make gcc"));
});

Deno.test("describeMissing() names winget's packages on Windows", () => {
  const text = describeMissing(missingTools(requiredTools("windows"), () => NOT_FOUND), "windows");
  assert.ok(
    text.includes("winget install Rustlang.Rustup Kitware.CMake StrawberryPerl.StrawberryPerl"),
  );
  assert.ok(!text.includes("apt"));
});
