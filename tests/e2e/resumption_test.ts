import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import {
  Configuration,
  Connection,
  Library,
  Registration,
  type SessionTicket,
} from "../../ffi/mod.ts";
import { ALPN } from "../../protocol/mod.ts";
import { Site } from "./harness.ts";

Deno.test("A ticket from one worker resumes the session at another one, and after its restart", async () => {
  await using site = await Site.create(2);
  const { report: { ports: [first = 0, second = 0], fingerprint } } = await site.start();
  await using library = Library.open();
  await using registration = new Registration(library);
  const configuration = new Configuration(registration, {
    ...{ alpn: [ALPN], credential: { role: "client", fingerprint } },
  });
  let ticket: SessionTicket | undefined;
  const tickets = {
    find: () => ticket,
    keep: (_name: string, got: SessionTicket) => void (ticket = got),
  };
  /** Connects and leaves, with a new ticket if there is one soon; tells whether a session was resumed. */
  const resumesAt = async (port: number) => {
    await using connection = await Connection.connect(registration, {
      ...{ configuration, server: { hostname: "127.0.0.1", port }, tickets },
    });
    const before = ticket;
    for (let waited = 0; ticket === before && waited < 200; waited += 5) await delay(5);
    return connection.resumed;
  };
  // A worker has a key of its own until it has got that of all, which is soon after it is ready.
  const passesOn = async (from: number, to: number) => {
    const deadline = performance.now() + 10_000;
    do {
      assert.ok(performance.now() < deadline, "No session is resumed at another worker");
      await resumesAt(from);
    } while (!await resumesAt(to));
  };
  await passesOn(first, second);
  await site.json("restart", String(first));
  await passesOn(second, first);
});
