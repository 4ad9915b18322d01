/** A worker in its simplest form: opens the segment named, says that it is ready, obeys `stop`. */
import { WorkerEnd } from "../../ipc/mod.ts";

await using end = WorkerEnd.open(Deno.args[0] ?? "");
for await (const message of end.messages()) {
  end.beat();
  end.counters.add("requests", 1);
  if (message.type === "start") {
    await end.send({ type: "ready", port: message.config.port, pid: Deno.pid, msquic: "2.5.1" });
  } else {
    await end.send({ type: "stopped" });
    break;
  }
}
