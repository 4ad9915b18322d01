/**
 * The other process of `bench/ipc.ts`: `segment NAME` or `unix PATH`, then `echo` (every message
 * goes back) or `drain COUNT` (one message goes back after the last).
 */
import { Segment } from "../ipc/mod.ts";
import { MESSAGE_BYTES, readMessages } from "./ipc_messages.ts";

const [transport = "", address = "", mode = "", count = "0"] = Deno.args;
const every = mode === "echo" ? 1 : Number(count);

// A terminal sends it to both processes; the other sees to the end of this one.
Deno.addSignalListener("SIGINT", () => {});
if (transport === "segment") await answerSegment();
else await answerUnix();

async function answerSegment(): Promise<void> {
  await using segment = Segment.open(address);
  let received = 0;
  for await (const record of segment.channel.records()) {
    if (record.length !== MESSAGE_BYTES) break;
    if (++received % every === 0) await segment.channel.send(record);
  }
}

async function answerUnix(): Promise<void> {
  using connection = await Deno.connect({ transport: "unix", path: address });
  const answer = new Uint8Array(MESSAGE_BYTES);
  let received = 0;
  for await (const messages of readMessages(connection)) {
    for (let i = 0; i < messages; i++) {
      if (++received % every === 0) await connection.write(answer);
    }
  }
}
