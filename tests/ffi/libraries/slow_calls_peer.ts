import { configure } from "@logtape/logtape";
import { callable } from "../../../ffi/libraries/address_symbols.ts";
import { slowCallsReason } from "../../../ffi/mod.ts";

/** Calls two functions by their addresses; prints what they return, what is logged, and the reason. */
const logged: string[] = [];
await configure({
  sinks: { memory: ({ message, level }) => logged.push(`${level}: ${message.join("")}`) },
  loggers: [
    { category: ["msquicd", "ffi"], sinks: ["memory"] },
    { category: ["logtape", "meta"], sinks: [] },
  ],
});
const libc = Deno.dlopen("libc.so.6", { abs: { type: "pointer" }, labs: { type: "pointer" } });
const address = (pointer: Deno.PointerValue) => Deno.UnsafePointer.value(pointer);
const { abs } = callable(
  { abs: { parameters: ["i32"], result: "i32" } },
  { abs: address(libc.symbols.abs) },
);
const { labs } = callable(
  { labs: { parameters: ["i64"], result: "i64" } },
  { labs: address(libc.symbols.labs) },
);
const returned = [abs(-5), Number(labs(-6n))];
console.log(JSON.stringify({ returned, logged, reason: slowCallsReason() ?? null }));
