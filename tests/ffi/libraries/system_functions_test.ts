import assert from "node:assert/strict";
import { systemFunctions } from "../../../ffi/libraries/system_functions.ts";
import "../../fixtures/loaded_libc.ts";

const onLinux = { ignore: Deno.build.os !== "linux", sanitizeResources: false };

const DEFINITIONS = {
  abs: { parameters: ["i32"], result: "i32" },
  labs: { parameters: ["i64"], result: "i64" },
  no_such_function: { parameters: [], result: "i32" },
  perhaps: { name: "no_such_function", parameters: [], result: "i32", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

Deno.test("functions of a library are loaded when they are asked for, once", onLinux, () => {
  let told = 0;
  const functions = systemFunctions(["libc.so.6"], DEFINITIONS, ({ labs }) => {
    told++;
    assert.equal(labs(-3n), 3n);
  });
  assert.equal(told, 0);
  const { abs } = functions;
  assert.equal(told, 1);
  assert.equal(abs(-2), 2);
  assert.equal(functions.abs, abs);
  assert.equal(functions.labs(-4n), 4n);
  assert.equal(told, 1);
});

Deno.test("a function that no library has is an error, unless it is optional", onLinux, () => {
  const functions = systemFunctions(["libc.so.6"], DEFINITIONS, () => {});
  assert.throws(() => functions.no_such_function, /no_such_function/);
  assert.equal(functions.perhaps, null);
});

Deno.test("a function is looked for in the libraries in turn", onLinux, () => {
  const functions = systemFunctions(["libm.so.6", "libc.so.6"], DEFINITIONS, () => {});
  assert.equal(functions.abs(-2), 2);
});

Deno.test("errno() is known after the very first call of a process", onLinux, async () => {
  const libc = new URL("../../../ffi/libraries/libc.ts", import.meta.url).href;
  const code = `
    const { errno, libc } = await import(${JSON.stringify(libc)});
    libc.close(-1);
    console.log(errno());
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), "9");
});
