/** A process with a worker's traps: says when they are there, and leaves with 7 on SIGTERM. */
import { trapProcess } from "../../../worker/life/process_traps.ts";

trapProcess({ onTerminate: () => Deno.exit(7), onFault: () => Deno.exit(8) });
setInterval(() => {}, 60_000); // something to live for
console.log("ready");
