import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { elfLibrary } from "../../../ffi/libraries/elf_library.ts";

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const address = fc.bigInt({ min: 1n, max: 0x7fff_ffff_ffffn });
const addresses = fc.dictionary(name, address, { minKeys: 1, maxKeys: 40, noNullPrototype: true });

Deno.test({
  name: "elfLibrary() makes what the system's loader reads every name and address from",
  ignore: Deno.build.os !== "linux",
}, () => {
  const directory = Deno.makeTempDirSync();
  let count = 0;
  try {
    fc.assert(fc.property(addresses, (wanted) => {
      const path = join(directory, `${count++}.so`); // the loader knows a path again
      Deno.writeFileSync(path, elfLibrary(wanted));
      const pointers = Object.keys(wanted).map((key) => [key, { type: "pointer" }] as const);
      const library = Deno.dlopen(path, Object.fromEntries(pointers));
      const found = Object.entries(library.symbols).map(([key, pointer]) =>
        [key, Deno.UnsafePointer.value(pointer)] as const
      );
      library.close();
      assert.deepEqual(Object.fromEntries(found), wanted);
    }));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
