/** A process that floods a server until its standard input ends: `flood_process.ts NAME TARGET`. */
import { settlesWithin } from "../../base/mod.ts";
import { FLOODS, type FloodTarget } from "./floods.ts";

/** In milliseconds. */
const GOODBYE_MS = 1000;

const [name, target = ""] = Deno.args;
const flood = FLOODS.find((one) => one.name === name);
if (flood === undefined) throw new Error(`There is no flood ${name}`);
const stop = new AbortController();
const flooding = flood.run(JSON.parse(target) as FloodTarget, stop.signal);
for await (const _ of Deno.stdin.readable);
stop.abort();
// Thousands of connections take a while to say goodbye.
await settlesWithin(flooding, GOODBYE_MS);
Deno.exit();
