import assert from "node:assert/strict";
import { Settings, SettingsBits, SettingsIsSet } from "../../ffi/msquic/abi/mod.ts";
import { allChecks, differences } from "./layout/compare.ts";
import { hasProgram } from "./layout/compile.ts";
import { findHeaders } from "./layout/headers.ts";

const headers = findHeaders();
const NATIVE = "cc";
const MINGW = "x86_64-w64-mingw32-gcc";

/** Registers a test, or, where it cannot run, an ignored one whose name says why. */
function compilerTest(
  name: string,
  compiler: string,
  run: (includeDirectory: string) => Promise<void>,
): void {
  if ("missing" in headers) return ignored(name, headers.missing);
  if (!hasProgram(compiler)) return ignored(name, `${compiler} is not installed`);
  if (compiler === NATIVE && Deno.build.os !== "linux") return ignored(name, "this is not Linux");
  Deno.test(name, () => run(headers.directory));
}

function ignored(name: string, reason: string): void {
  Deno.test({ name: `${name} (ignored: ${reason})`, ignore: true, fn: () => {} });
}

compilerTest("abi tables for Linux are what the C compiler says", NATIVE, async (headers) => {
  assert.deepEqual(await differences(allChecks("linux"), NATIVE, headers), []);
});

compilerTest("abi tables for Windows are what the C compiler says", MINGW, async (headers) => {
  assert.deepEqual(await differences(allChecks("windows"), MINGW, headers), []);
});

compilerTest("differences() names what is wrong", NATIVE, async (headers) => {
  const { values, bits } = allChecks("linux");
  const wrongValue = { ...values[3]!, expected: values[3]!.expected + 1 };
  const wrongBit = { ...bits[5]!, byte: bits[5]!.byte + 1 };
  const lines = await differences(
    { values: values.with(3, wrongValue), bits: bits.with(5, wrongBit) },
    NATIVE,
    headers,
  );
  assert.equal(lines.length, 2);
  assert.ok(lines[0]?.startsWith(`${wrongValue.label}: `));
  assert.ok(lines[1]?.startsWith(`${wrongBit.label}: `));
});

Deno.test("SettingsIsSet has a bit for every field of QUIC_SETTINGS", () => {
  const { size: _size, IsSetFlags: _flags, ...fields } = Settings;
  const names = [...Object.keys(fields), ...Object.keys(SettingsBits)].sort();
  assert.deepEqual(Object.keys(SettingsIsSet).sort(), names);
});
