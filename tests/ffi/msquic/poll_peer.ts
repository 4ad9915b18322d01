/**
 * Has a callback make V8 give up the compiled code that has called `ExecutionPoll`; prints `survived`. To be
 * run with `--v8-flags=--no-maglev`, so that it is the optimizing compiler's code.
 */
import { API_FUNCTIONS } from "../../../ffi/msquic/abi/mod.ts";
import { wrapApiTable } from "../../../ffi/msquic/api.ts";

/** It is not looked at here. */
const EXECUTION = new BigUint64Array(1);

let step = (): void => {};
const polled = new Deno.UnsafeCallback({ parameters: ["pointer"], result: "u32" }, () => {
  step();
  return 1;
});
const address = Deno.UnsafePointer.value(polled.pointer);
const table = BigUint64Array.from(API_FUNCTIONS, () => address);
const api = wrapApiTable(Deno.UnsafePointer.of(table)!);

class Waiting {
  readonly #streams: number[] = [];

  get count(): number {
    return this.#streams.length;
  }
}

class Loop {
  readonly #poll: () => number;

  constructor(poll: () => number) {
    this.#poll = poll;
  }

  once(): number {
    return this.#poll();
  }
}

const waiting = new Waiting();
const loop = new Loop(() => waiting.count + api.ExecutionPoll(EXECUTION));

function turn(times: number): number {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += loop.once();
  return sum;
}

turn(1000);
turn(200_000);
step = () => {
  // What was compiled in is another one now.
  Object.defineProperty(Waiting.prototype, "count", { get: () => 5 });
  step = () => {};
};
turn(1000);
console.log("survived");
Deno.exit(0);
