import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { Client } from "../../client/client.ts";
import {
  encodeAnswer,
  encodeErrorAnswer,
  fieldsOf,
  Flags,
  integerField,
  type MessageDefinition,
  ProtocolError,
} from "../../protocol/mod.ts";
import { Link } from "../../client/link.ts";
import { Roaming } from "../../client/roaming.ts";
import { type Answerer, FakeConnection, FakeServer } from "./fake_server.ts";

function clientOf(
  answer: Answerer,
): { client: Client; server: FakeServer; released: () => number } {
  const server = new FakeServer(answer);
  let released = 0;
  const address = { hostname: "127.0.0.1", port: 4433 };
  const hello = { session: "s1", server: "fake/1", maxBodyLength: 1000 };
  const client = new Client({
    roaming: new Roaming({
      link: new Link({ connection: new FakeConnection(server), address, hello, roundTripMs: 1 }),
      servers: [address],
      dial: () => Promise.reject(new Error("Nothing else is there")),
      timeoutMs: 1000,
      failover: false,
      retryForMs: 0,
    }),
    resources: {
      [Symbol.asyncDispose]() {
        released++;
        return Promise.resolve();
      },
    },
  });
  return { client, server, released: () => released };
}

function answering(body: unknown): Answerer {
  return ({ type }, stream) => stream.send(encodeAnswer(type, body), { fin: true });
}

Deno.test("Client tells what the server said of itself, and releases everything once", async () => {
  const { client, released } = clientOf(answering({}));
  assert.equal(client.server, "127.0.0.1:4433");
  assert.equal(client.session, "s1");
  assert.equal(client.serverAgent, "fake/1");
  await Promise.all([client.close(), client.close()]);
  await client[Symbol.asyncDispose]();
  assert.equal(released(), 1);
});

Deno.test("Client.ping() measures the answer and closes its stream", async () => {
  const { client, server } = clientOf(answering({ time: 1234 }));
  const { ms, time } = await client.ping();
  assert.equal(time, 1234);
  assert.ok(ms >= 0 && ms < 10_000);
  assert.deepEqual(server.streams.map(({ closed }) => closed), [true]);
});

Deno.test("Client.stat() checks what the server answers", async () => {
  const entry = { name: "a.txt", size: 3, mtime: 5 };
  assert.deepEqual(await clientOf(answering(entry)).client.stat("a.txt"), entry);
  await assert.rejects(clientOf(answering({ name: "a.txt" })).client.stat("a.txt"), {
    code: "bad-body",
  });
});

Deno.test("Client rejects with the code of the server's refusal, and says what it was about", async () => {
  const { client } = clientOf(({ type }, stream) =>
    stream.send(encodeErrorAnswer(type, new ProtocolError("not-found", "No such file")), {
      fin: true,
    })
  );
  await assert.rejects(client.remove("a"), {
    name: "RemoteError",
    code: "not-found",
    message: `Cannot remove "a" on ${client.server}: no such file`,
  });
});

Deno.test("Client refuses an answer to another request", async () => {
  const { client } = clientOf((_, stream) => stream.send(encodeAnswer(99, {}), { fin: true }));
  await assert.rejects(client.ping(), { name: "ProtocolError", code: "bad-frame" });
});

Deno.test("Client.call() hands bodies through, whatever their type", async () => {
  const { client } = clientOf(({ type, body }, stream) =>
    stream.send(encodeAnswer(type, { type, body }), { fin: true })
  );
  const body = { list: [1, "two", null] };
  assert.deepEqual(await client.call(0x8001, body), { type: 0x8001, body });
});

Deno.test("Client.call() checks the answer to a message that is defined", async () => {
  const number = (body: unknown) => ({ number: integerField(fieldsOf(body), "number", 0, 9) });
  const message: MessageDefinition<{ number: number }, { number: number }> = {
    type: 0x8001,
    name: "test.number",
    right: "use",
    parseRequest: number,
    parseResponse: number,
  };
  const { client } = clientOf(({ type, body }, stream) =>
    stream.send(encodeAnswer(type, { ...Object(body), extra: 1 }), { fin: true })
  );
  assert.deepEqual(await client.call(message, { number: 9 }), { number: 9 });
  await assert.rejects(client.call(message, { number: 10 }), {
    name: "ProtocolError",
    code: "bad-body",
    message: 'Field "number" is not a whole number from 0 to 9',
  });
});

Deno.test("Client.echo() brings body and bytes back", async () => {
  const { client } = clientOf(async ({ type, body }, stream, reader) => {
    const data = await reader.readExactly(3);
    const head = encodeAnswer(type, body, Flags.data);
    await Promise.all([stream.send(head), stream.send(data, { fin: true })]);
  });
  const { body, data } = await client.echo({ a: 1 }, new Uint8Array([1, 2, 3]));
  assert.deepEqual(body, { a: 1 });
  assert.deepEqual([...data], [1, 2, 3]);
});

Deno.test("Client.list() asks page after page", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const { client, server } = clientOf(({ type, body }, stream) => {
    const { after, prefix } = body as { after?: string; prefix?: string };
    assert.equal(prefix, "");
    const rest = names.filter((name) => after === undefined || name > after);
    const entries = rest.slice(0, 2).map((name) => ({ name, size: 1, mtime: 0 }));
    const next = rest.length > 2 ? entries.at(-1)?.name : undefined;
    return stream.send(encodeAnswer(type, { entries, next }), { fin: true });
  });
  const found = await Array.fromAsync(client.list(""));
  assert.deepEqual(found.map(({ name }) => name), names);
  assert.equal(server.streams.length, 3);
});

Deno.test("Client.list() does not follow a list that goes in circles", async () => {
  const entry = { name: "a", size: 1, mtime: 0 };
  const { client } = clientOf(answering({ entries: [entry], next: "a" }));
  await assert.rejects(Array.fromAsync(client.list()), { code: "bad-body" });
});

Deno.test("Client cancels a request that its signal aborts", async () => {
  const { client, server } = clientOf(() => {});
  const reason = new Error("Changed my mind");
  const aborting = new AbortController();
  const ping = client.ping({ signal: aborting.signal });
  while (server.streams.length === 0) await delay(1);
  aborting.abort(reason);
  await assert.rejects(ping, (error) => error === reason);
  assert.deepEqual(server.streams.map(({ aborted, closed }) => [aborted, closed]), [[5, true]]);
});

Deno.test("Client sends nothing for a signal that is aborted already", async () => {
  const { client, server } = clientOf(answering({ time: 1 }));
  const reason = new Error("Never mind");
  await assert.rejects(client.ping({ signal: AbortSignal.abort(reason) }), (e) => e === reason);
  assert.equal(server.streams.length, 0);
});

Deno.test("Client.list() takes nothing from a server that was not asked for", async () => {
  const entry = (name: string, directory = false) => ({
    ...{ name, size: 0, mtime: 0 },
    ...(directory ? { directory } : {}),
  });
  const list = (...entries: unknown[]) =>
    Array.fromAsync(clientOf(answering({ entries })).client.list("dir/", { directories: "empty" }));
  assert.equal((await list(entry("dir/a"), entry("dir", true))).length, 2);
  for (const other of [entry("other/a"), entry("dir"), entry("di", true), entry("../dir/a")]) {
    await assert.rejects(list(entry("dir/a"), other), { code: "bad-body" });
  }
});
