import assert from "node:assert/strict";
import { Client } from "../../client/client.ts";
import { ask, unchecked } from "../../client/exchange.ts";
import type { ConnectionEnd } from "../../ffi/mod.ts";
import { ApplicationError, encodeErrorAnswer, ProtocolError } from "../../protocol/mod.ts";
import { answering, CUSTOM, LEFT, LOST, Net, request, until } from "./fake_net.ts";
import type { Answerer } from "./fake_server.ts";

Deno.test("Roaming begins a request again whose connection is lost", async () => {
  const net = new Net();
  net.up(1, () => {});
  net.up(2);
  const roaming = await net.roam([1, 2]);
  const attempts: number[] = [];
  const answer = roaming.run((use, _link, attempt) => {
    attempts.push(attempt);
    return ask(use, unchecked(CUSTOM), {});
  }, { repeatable: true });
  await until("the request is there", () => net.to(1).server.streams.length === 1);
  net.down(1);
  net.to(1).connection.end(LOST);
  assert.deepEqual(await answer, { port: 2 });
  assert.deepEqual(attempts, [0, 1]);
  await roaming.close();
});

Deno.test("Roaming does not repeat what must not be repeated, unless it was never sent", async () => {
  const net = new Net();
  net.up(1, () => {});
  net.up(2);
  const roaming = await net.roam([1, 2]);
  const lost = assert.rejects(request(roaming, { repeatable: false }), {
    name: "RequestLostError",
    code: "request-lost",
    message: /host:1/,
  });
  await until("the request is there", () => net.to(1).server.streams.length === 1);
  net.down(1);
  net.to(1).connection.end(LOST);
  await lost;
  net.up(1);
  await request(roaming); // on 2 now
  net.to(2).connection.end(LEFT); // before anybody has looked
  assert.deepEqual(await request(roaming, { repeatable: false }), { port: 1 });
  await roaming.close();
});

Deno.test("Roaming takes a request elsewhere that a server refuses since it goes away", async () => {
  const net = new Net();
  net.up(1, ({ type }, stream) => {
    const refusal = new ProtocolError("shutting-down", "Server is shutting down");
    return stream.send(encodeErrorAnswer(type, refusal), { fin: true });
  });
  net.up(2);
  const roaming = await net.roam([1, 2]);
  assert.deepEqual(await request(roaming, { repeatable: false }), { port: 2 });
  await until("the old connection is closed", () => net.to(1).connection.over);
  await roaming.close();
});

const SILENT: ConnectionEnd = { ...LOST, unanswered: true };

/** Servers that die of every request; `die` says how, `ends` counts how often. */
function mortalNet(how: ConnectionEnd, times = Infinity) {
  const net = new Net();
  const counted = { net, ends: 0 };
  for (const port of [1, 2]) {
    net.up(port, (message, stream, reader) => {
      if (counted.ends >= times) return answering(port)(message, stream, reader);
      counted.ends++;
      net.to(port).connection.end(how);
    });
  }
  return counted;
}

// D1
Deno.test("Roaming gives a request up that one server after the other dies of, after a few", async () => {
  for (const end of [LOST, { ...LEFT, errorCode: ApplicationError.internal }]) {
    const servers = mortalNet(end);
    const roaming = await servers.net.roam([1, 2]);
    await assert.rejects(request(roaming), {
      name: "RequestGivenUpError",
      code: "request-lost",
      message:
        /^Request is given up: 4 times, last at host:\d, the server died while it was under way/,
    });
    assert.equal(servers.ends, 4);
    await roaming.close();
  }
});

Deno.test("Roaming does not hold a network, or servers that go, against a request", async () => {
  const idle: ConnectionEnd = { by: "idle", errorCode: 0, status: 1, message: "idle" };
  for (const end of [idle, SILENT, LEFT]) {
    const servers = mortalNet(end, 15);
    const roaming = await servers.net.roam([1, 2]);
    await request(roaming);
    assert.equal(servers.ends, 15);
    await roaming.close();
  }
});

Deno.test("Roaming gives a request up that the network does not let through, when it has no more patience", async () => {
  const servers = mortalNet(SILENT);
  const roaming = await servers.net.roam([1, 2], { retryForMs: 0 });
  await assert.rejects(request(roaming), { code: "connection-ended" });
  assert.equal(servers.ends, 11);
  await roaming.close();
});

Deno.test("Roaming goes on with a transfer that advances between the deaths of its servers", async () => {
  const strange: ConnectionEnd = { ...LEFT, errorCode: 99 };
  for (const end of [LOST, strange]) {
    const servers = mortalNet(end, 24);
    const roaming = await servers.net.roam([1, 2]);
    let attempts = 0;
    await roaming.run((use) => {
      if (++attempts % 3 === 0) use.advance();
      return ask(use, unchecked(CUSTOM), {});
    }, { repeatable: true });
    assert.equal(attempts, 25);
    await roaming.close();
  }
});

Deno.test("Roaming does not hold connections against a request while that which it is a part of goes on", async () => {
  for (const [moved, ends] of [[8, 32], [0, 4]] as const) {
    const servers = mortalNet(LOST, 32);
    const roaming = await servers.net.roam([1, 2]);
    let bytes = 0;
    const running = roaming.run((use) => {
      bytes += moved; // others brought them
      return ask(use, unchecked(CUSTOM), {});
    }, { repeatable: true, progress: () => bytes });
    if (moved > 0) await running;
    else await assert.rejects(running, { name: "RequestGivenUpError" });
    assert.equal(servers.ends, ends);
    await roaming.close();
  }
});

Deno.test("Client.remove() counts as done when the file is gone after a lost answer", async () => {
  const net = new Net();
  const gone: Answerer = ({ type }, stream) =>
    stream.send(encodeErrorAnswer(type, new ProtocolError("not-found", "No such file")), {
      fin: true,
    });
  net.up(1, () => net.to(1).connection.end(LOST));
  net.up(2, gone);
  const resources = { [Symbol.asyncDispose]: () => Promise.resolve() };
  await using client = new Client({ roaming: await net.roam([1, 2]), resources });
  net.down(1);
  await client.remove("a");
  await assert.rejects(client.remove("a"), { code: "not-found" });
});
