import assert from "node:assert/strict";
import { callable, fromPointers } from "../../../ffi/libraries/address_symbols.ts";

const ADD = {
  parameters: ["u32", "u32"],
  result: "u32",
} as const satisfies Deno.UnsafeCallbackDefinition;

/** A C function that lives as long as the lease. */
function addressed(compute: (a: number, b: number) => number) {
  const callback = new Deno.UnsafeCallback(ADD, compute);
  return {
    address: Deno.UnsafePointer.value(callback.pointer),
    [Symbol.dispose]: () => callback.close(),
  };
}

for (const make of [callable, fromPointers]) {
  // What is made callable stays loaded.
  const options = { sanitizeResources: false };

  Deno.test({ name: `${make.name}() calls each address by its name`, ...options }, () => {
    using sum = addressed((a, b) => a + b);
    using product = addressed((a, b) => a * b);
    const signatures = { sum: ADD, product: ADD };
    const symbols = make(signatures, { sum: sum.address, product: product.address });
    assert.equal(symbols.sum(3, 4), 7);
    assert.equal(symbols.product(3, 4), 12);
  });

  Deno.test(
    { name: `${make.name}() keeps the same name at two addresses apart`, ...options },
    () => {
      using sum = addressed((a, b) => a + b);
      using product = addressed((a, b) => a * b);
      const first = make({ run: ADD }, { run: sum.address });
      const second = make({ run: ADD }, { run: product.address });
      assert.deepEqual([first.run(3, 4), second.run(3, 4)], [7, 12]);
    },
  );

  Deno.test({ name: `${make.name}() lets the function call back and throw`, ...options }, () => {
    using failing = addressed(() => {
      throw new RangeError("thrown in the callback");
    });
    const symbols = make({ run: ADD }, { run: failing.address });
    assert.throws(() => symbols.run(1, 2), RangeError);
  });

  Deno.test(
    { name: `${make.name}() calls on another thread where asked to`, ...options },
    async () => {
      const libc = Deno.dlopen("libc.so.6", { abs: { type: "pointer" } });
      const address = Deno.UnsafePointer.value(libc.symbols.abs);
      const signature = { parameters: ["i32"], result: "i32", nonblocking: true } as const;
      assert.equal(await make({ abs: signature }, { abs: address }).abs(-5), 5);
      libc.close();
    },
  );
}
