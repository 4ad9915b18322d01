import { defineTask, type TaskContext } from "../../tasks/mod.ts";

/** What {@linkcode oddTask} is to do. */
export type OddInput =
  | { readonly do: "return"; readonly value: unknown }
  | { readonly do: "throw" | "loop" | "wait" | "look" | "crash" | "reject" | "exit" | "close" }
  | { readonly do: "double"; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly do: "mark"; readonly word: Int32Array<SharedArrayBuffer> };

/** Does what tasks should and should not do. */
const oddTask = defineTask({
  name: "test.odd",
  module: import.meta.url,
  async run(input: OddInput, context: TaskContext): Promise<unknown> {
    switch (input.do) {
      case "return":
        return input.value;
      case "throw":
        throw Object.assign(new RangeError("Too odd"), { code: "odd" });
      case "loop":
        for (;;);
      case "look":
        while (!context.cancelled);
        return;
      case "wait":
        return await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      case "crash":
        setTimeout(() => {
          throw new Error("Out of the blue");
        });
        return await new Promise(() => {});
      case "reject":
        void Promise.reject(new Error("Nobody looks"));
        return await new Promise(() => {});
      case "exit":
        return Deno.exit(3);
      case "close":
        return close();
      case "double":
        context.handOver(input.numbers.buffer);
        return input.numbers.map((number, index, all) => all[index] = 2 * number) && input.numbers;
      case "mark":
        return Atomics.add(input.word, 0, 1);
    }
  },
});
export default oddTask;
