import assert from "node:assert/strict";
import { Client } from "../../../client/client.ts";
import { InterruptedError } from "../../../cli/errors.ts";
import type { Changes } from "../../../cli/files/changes.ts";
import { followChanges } from "../../../cli/files/follow_changes.ts";
import type { Watch } from "../../../cli/files/watch_directory.ts";
import { Output } from "../../../cli/text/output.ts";
import { ApplicationError, RemoteError } from "../../../protocol/mod.ts";
import { Net } from "../../client/fake_net.ts";
import { collector } from "../collector.ts";

const RESOURCES = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** What is followed through a client, and what is said of it. */
async function following(net: Net) {
  const said: string[] = [];
  const stop = new AbortController();
  const client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
  const stdout = collector();
  const output = new Output({ json: true, stdout, stderr: collector() });
  const notes = { bar: undefined, note: (text: string) => void said.push(text) };
  const parts = { context: { output }, client, notes, signal: stop.signal };
  return { said, stop, stdout, client, parts };
}

/** Changes as they come, and then none any more. */
function watching(...changes: Changes[]): Watch {
  return {
    next(signal) {
      const next = changes.shift();
      if (next !== undefined) return Promise.resolve(next);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
    [Symbol.dispose]() {},
  };
}

Deno.test("followChanges() watches on after what fails for a file, until it is interrupted", async () => {
  const net = new Net();
  net.up(1);
  const { said, stop, stdout, client, parts } = await following(net);
  await using _client = client;
  let copied = 0;
  const watch = watching({ names: ["a"] }, { names: ["b"] });
  await assert.rejects(
    followChanges(parts, watch, ({ names }) => {
      copied++;
      if (names?.[0] === "a") return Promise.reject(new RemoteError("no-such-code", "Refused"));
      if (names?.[0] === "b") setTimeout(() => stop.abort(new InterruptedError()));
      return Promise.resolve([]);
    }),
    { code: "interrupted" },
  );
  assert.equal(copied, 3);
  assert.deepEqual(said, ["Refused; watching on"]);
  assert.equal(stdout.text, "[]\n");
});

Deno.test("followChanges() ends when there is no server any more, also while nothing changes", async () => {
  const net = new Net();
  net.up(1);
  const { said, client, parts } = await following(net);
  await using _client = client;
  const message = "closed by the peer";
  await assert.rejects(
    followChanges(parts, watching(), () => {
      const end = { by: "peer", errorCode: ApplicationError.ended, status: 0, message } as const;
      setTimeout(() => net.to(1).connection.end(end));
      return Promise.resolve([]);
    }),
    { code: "session-ended" },
  );
  assert.deepEqual(said, []);
});
