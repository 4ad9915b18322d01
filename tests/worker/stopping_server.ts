/**
 * A server, as a process of its own, two of whose handlers do not read on: one never does, one stops after a
 * while. Says where it listens, and then, for each line, how much memory it takes. Ends with its input.
 */
import "../fixtures/loaded_msquic.ts";
import { readLines } from "../../base/lines.ts";
import { whenAborted } from "../../base/mod.ts";
import type { HandlerContext, MessageHandler } from "../../handlers/messages/handler.ts";
import { builtinHandlers, HandlerRegistry } from "../../handlers/messages/mod.ts";
import { openStorageRoot } from "../../transfer/mod.ts";
import { Server } from "../../worker/mod.ts";
import { DEAF, TIRED, TIRED_AFTER } from "./stopping_handlers.ts";

/** What `/proc/PID/statm` counts in, in bytes. */
const PAGE = 4096;

const [directory, certificateFile, privateKeyFile, token, memoryBudgetBytes] = Deno.args as [
  string,
  string,
  string,
  string,
  string,
];

/** A handler that reads so much of its data, and then waits until its client has gone. */
function stopsAfter(type: number, bytes: number): MessageHandler {
  return {
    type,
    name: `test.${type}`,
    right: "use",
    async handle({ data, signal }: HandlerContext) {
      let read = 0;
      if (bytes > 0) {
        for await (const piece of data!.rest()) {
          read += piece.length;
          if (read >= bytes) {
            await whenAborted(signal);
            return;
          }
        }
      }
      await whenAborted(signal);
    },
  };
}

await using server = await Server.start({
  address: { hostname: "127.0.0.1", port: 0 },
  certificateFile,
  privateKeyFile,
  token,
  memoryBudgetBytes: Number(memoryBudgetBytes),
  storage: { ...await openStorageRoot(directory), owner: "test" },
  handlers: new HandlerRegistry([
    ...builtinHandlers(),
    stopsAfter(DEAF, 0),
    stopsAfter(TIRED, TIRED_AFTER),
  ]),
  requestLimits: { deadlineMs: 600_000, perSession: 1000, perType: 10_000 },
  onError: () => {}, // that the client has gone
});
console.log(JSON.stringify({ port: server.address.port }));
for await (const _ of readLines(Deno.stdin.readable, { maxBytes: 100 })) {
  const pages = Number((await Deno.readTextFile("/proc/self/statm")).split(" ")[1]);
  const { memoryUsed } = server;
  console.log(JSON.stringify({ rss: pages * PAGE, memoryUsed }));
}
