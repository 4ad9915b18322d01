import assert from "node:assert/strict";
import fc from "fast-check";
import { jumpLibrary, TABLE_FUNCTION } from "../../../ffi/libraries/jump_library.ts";

const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][A-Za-z]{0,20}$/), {
  minLength: 1,
  maxLength: 60,
});

/** What a loader reads of the file: what lies where in memory, and where the functions are. */
function load(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const optional = view.getUint32(0x3c, true) + 24;
  const memory = new Uint8Array(view.getUint32(optional + 56, true));
  const count = view.getUint16(optional - 18, true);
  for (let section = 0; section < count; section++) {
    const header = optional + 240 + 40 * section;
    const [length, at, inFile, offset] = [8, 12, 16, 20].map((field) =>
      view.getUint32(header + field, true)
    ) as [number, number, number, number];
    assert.ok(at % 0x1000 === 0 && offset % 0x200 === 0 && inFile % 0x200 === 0);
    memory.set(file.subarray(offset, offset + length), at);
  }
  const image = new DataView(memory.buffer);
  const exports = view.getUint32(optional + 112, true);
  const table = (field: number) => image.getUint32(exports + field, true);
  const functions = new Map<string, number>();
  let last = "";
  for (let index = 0; index < table(24); index++) {
    const name = textAt(memory, image.getUint32(table(32) + 4 * index, true));
    assert.ok(name > last, "the loader looks for names by halves");
    last = name;
    const ordinal = image.getUint16(table(36) + 2 * index, true);
    functions.set(name, image.getUint32(table(28) + 4 * ordinal, true));
  }
  return { memory, functions };
}

function textAt(memory: Uint8Array, at: number): string {
  return new TextDecoder().decode(memory.subarray(at, memory.indexOf(0, at)));
}

Deno.test("jumpLibrary() makes a library in which each name is found, and nothing lies on another", () => {
  fc.assert(fc.property(names, (wanted) => {
    const sorted = wanted.toSorted();
    const file = jumpLibrary(sorted);
    assert.deepEqual(jumpLibrary(sorted), file);
    const { functions } = load(file);
    assert.deepEqual([...functions.keys()].toSorted(), [...sorted, TABLE_FUNCTION].toSorted());
    assert.equal(new Set(functions.values()).size, functions.size);
  }));
});

Deno.test({
  name: "Functions of a jump library jump to the addresses in its table",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
}, () => {
  const wanted = ["Abs", "Difference", "ZLast"];
  const { memory, functions } = load(jumpLibrary(wanted));
  const libc = Deno.dlopen("libc.so.6", {
    mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
    munmap: { parameters: ["pointer", "usize"], result: "i32" },
    abs: { type: "pointer" },
  });
  const ADD = { parameters: ["i32", "i32"], result: "i32" } as const;
  const difference = new Deno.UnsafeCallback(ADD, (a, b) => a - b);
  const last = new Deno.UnsafeCallback(ADD, (_, b) => b);
  const [readWriteExecute, privateAnonymous] = [7, 0x22];
  const length = BigInt(memory.length);
  const base = libc.symbols.mmap(null, length, readWriteExecute, privateAnonymous, -1, 0n)!;
  try {
    new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(base, memory.length)).set(memory);
    const at = (name: string) => Deno.UnsafePointer.offset(base, functions.get(name)!);
    const table = new Deno.UnsafeFnPointer(at(TABLE_FUNCTION) as Deno.PointerObject<never>, {
      parameters: [],
      result: "pointer",
    }).call()!;
    const addresses = [libc.symbols.abs, difference.pointer, last.pointer].map((pointer) =>
      Deno.UnsafePointer.value(pointer)
    );
    const room = Deno.UnsafePointerView.getArrayBuffer(table, 8 * wanted.length);
    new BigUint64Array(room).set(addresses);
    const call = (name: string, ...args: [number, number]) =>
      new Deno.UnsafeFnPointer(at(name) as Deno.PointerObject<never>, ADD).call(...args);
    assert.deepEqual(
      [call("Abs", -5, 0), call("Difference", 7, 4), call("ZLast", 1, 2)],
      [5, 3, 2],
    );
  } finally {
    libc.symbols.munmap(base, length);
    difference.close();
    last.close();
    libc.close();
  }
});
