import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import { Client } from "../../client/client.ts";
import type { ManyFile, ManyOutcome } from "../../client/put_many.ts";
import {
  encodeAnswer,
  encodeErrorAnswer,
  messages,
  MessageType,
  parsePacked,
  ProtocolError,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import { withServer } from "../fixtures/server.ts";
import { LOST, Net } from "./fake_net.ts";
import type { Answerer } from "./fake_server.ts";

const RESOURCES = { [Symbol.asyncDispose]: () => Promise.resolve() };

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function files(count: number, length = 100): { name: string; source: Uint8Array<ArrayBuffer> }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `dir/${index % 7}/${index}`,
    source: new Uint8Array(length).fill(index),
  }));
}

/** How it went with each, in short: its name, and `ok` or the error's code. */
async function outcomesOf(
  outcomes: AsyncIterable<ManyOutcome<ManyFile>>,
): Promise<[name: string, how: string][]> {
  const all: [string, string][] = [];
  for await (const outcome of outcomes) {
    const { name } = outcome.file;
    if ("result" in outcome) assert.equal(outcome.result.name, name);
    all.push([name, "result" in outcome ? "ok" : (outcome.error as { code: string }).code]);
  }
  return all;
}

/** Stores what comes among many in `stored`, and answers for `most` files at a time. */
function storing(stored: Map<string, Uint8Array>, most: number): Answerer {
  return async ({ type, body }, stream, reader) => {
    assert.equal(type, MessageType.filePutMany);
    const { repeated = 0 } = messages.filePutMany.parseRequest(body);
    let count = 0;
    for (let index = 0;; index++) {
      const message = await reader.readNext();
      if (count > 0 && (count === most || message === undefined)) {
        await stream.send(encodeAnswer(type, { count }));
        count = 0;
      }
      if (message === undefined) break;
      const { name, size } = parsePacked(message);
      const bytes = await reader.readExactly(size);
      assert.equal((await reader.readExactly(TRAILER_LENGTH)).toHex(), sha256(bytes));
      assert.ok(!stored.has(name) || index < repeated, `${name} came twice`);
      stored.set(name, bytes);
      count++;
    }
    await stream.send(new Uint8Array(), { fin: true });
  };
}

Deno.test("putMany() stores small and large files, and names those that it cannot store, in their order", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    await using client = await connect({ server, token, fingerprint });
    const path = join(directory, "here");
    await Deno.writeTextFile(path, "text", { mode: 0o700 });
    await Deno.utime(path, new Date(1e12), new Date(1e12));
    await Deno.writeTextFile(join(directory, "empty"), "");
    await client.put(Uint8Array.of(1), "taken");
    const problem = Object.assign(new Error("It is not like that"), { code: "not-so" });
    async function* all(): AsyncGenerator<ManyFile> {
      yield* files(100);
      yield { name: "from-path", source: path };
      yield { name: "taken", source: Uint8Array.of(2) };
      yield { name: "empty", source: join(directory, "empty") };
      yield { name: "none", source: join(directory, "none") };
      yield { name: "large", source: new Uint8Array(300_000) };
      yield { name: "bad\\name", source: Uint8Array.of(3) };
      yield { name: "problem", source: Uint8Array.of(3), problem };
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield { name: "last", source: Uint8Array.of(4) };
    }
    const seen = await outcomesOf(client.putMany(all()));
    assert.deepEqual(seen, [
      ...files(100).map(({ name }) => [name, "ok"]),
      ["from-path", "ok"],
      ["taken", "file-exists"],
      ["empty", "ok"],
      ["none", "not-found"],
      ["large", "ok"],
      ["bad\\name", "invalid-name"],
      ["problem", "not-so"],
      ["last", "ok"],
    ]);
    const storage = join(directory, "storage");
    for (const { name, source } of files(100)) {
      assert.deepEqual(await Deno.readFile(join(storage, name)), source);
    }
    const { mtime, mode } = await Deno.stat(join(storage, "from-path"));
    assert.equal(mtime?.getTime(), 1e12);
    if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o700);
    assert.equal((await Deno.stat(join(storage, "large"))).size, 300_000);
    assert.deepEqual(await Deno.readFile(join(storage, "taken")), Uint8Array.of(1));
    const replacing = client.putMany([{ name: "taken", source: Uint8Array.of(2) }], {
      overwrite: "always",
    });
    for await (const outcome of replacing) {
      assert.ok("result" in outcome);
      const { ms, limitedBy, network, ...rest } = outcome.result;
      assert.ok(ms >= 0 && limitedBy && network !== undefined);
      const digest = sha256(Uint8Array.of(2));
      const result = {
        name: "taken",
        bytes: 1,
        sha256: digest,
        resumedFrom: 0,
        streams: 1,
        server,
      };
      assert.deepEqual(rest, result);
    }
    assert.deepEqual(await outcomesOf(client.putMany([])), []);
  });
});

Deno.test("putMany() asks for no more files than fit, and ends with who takes the outcomes", async () => {
  const net = new Net();
  let answered = 0;
  net.up(1, async ({ type }, stream, reader) => {
    for (;;) {
      const message = await reader.readNext();
      if (message === undefined) return;
      const { size } = parsePacked(message);
      await reader.readExactly(size + TRAILER_LENGTH);
      if (answered++ < 10) await stream.send(encodeAnswer(type, { count: 1 }));
    }
  });
  await using client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
  let asked = 0;
  let returned = false;
  function* endless() {
    try {
      for (;;) yield { name: `${asked++}`, source: new Uint8Array(60_000) };
    } finally {
      returned = true;
    }
  }
  let taken = 0;
  for await (const outcome of client.putMany(endless())) {
    assert.ok("result" in outcome);
    if (++taken === 10) break;
  }
  assert.ok(returned);
  assert.ok(asked < 10 + 8 * 1024 * 1024 / 60_000 + 2, `${asked} were asked for`);
});

Deno.test("putMany() goes on at another server, and sends only what is not known to be stored", async () => {
  const net = new Net();
  const stored = new Map<string, Uint8Array>();
  net.up(1, async ({ type }, stream, reader) => {
    for (let count = 0; count < 70; count++) {
      const message = await reader.readNext();
      assert.ok(message);
      const { name, size } = parsePacked(message);
      stored.set(name, await reader.readExactly(size));
      await reader.readExactly(TRAILER_LENGTH);
      if (count < 50) await stream.send(encodeAnswer(type, { count: 1 }));
    }
    net.down(1);
    net.to(1).connection.end(LOST); // twenty are stored, and nobody knows
  });
  net.up(2, storing(stored, 30));
  await using client = new Client({ roaming: await net.roam([1, 2]), resources: RESOURCES });
  const seen = await outcomesOf(client.putMany(files(1000, 2000)));
  assert.deepEqual(seen, files(1000).map(({ name }) => [name, "ok"]));
  for (const { name, source } of files(1000, 2000)) assert.deepEqual(stored.get(name), source);
});

Deno.test("putMany() stores each by itself where the server knows no other way", async () => {
  const net = new Net();
  const stored = new Map<string, Uint8Array>();
  net.up(1, async ({ type, body }, stream, reader) => {
    if (type !== MessageType.filePut) {
      stream.abortReceive(6);
      const refusal = new ProtocolError("unknown-type", "Message type is unknown");
      return await stream.send(encodeErrorAnswer(type, refusal), { fin: true });
    }
    const { name, size } = messages.filePut.parseRequest(body);
    const bytes = await reader.readExactly(size);
    stored.set(name, bytes);
    await stream.send(encodeAnswer(type, { name, size, sha256: sha256(bytes) }), { fin: true });
  });
  await using client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
  const seen = await outcomesOf(client.putMany(files(300)));
  assert.deepEqual(seen, files(300).map(({ name }) => [name, "ok"]));
  assert.equal(stored.size, 300);
});

Deno.test("putMany() tells of all that were under way what ends it, and then throws that", async () => {
  const net = new Net();
  net.up(1, async ({ type }, stream, reader) => {
    await reader.readNext();
    const refusal = new ProtocolError("permission-denied", "Client may not");
    await stream.send(encodeErrorAnswer(type, refusal), { fin: true });
  });
  await using client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
  const seen: string[] = [];
  const failing = async () => {
    for await (const outcome of client.putMany(files(3))) {
      seen.push("error" in outcome ? (outcome.error as { code: string }).code : "ok");
    }
  };
  await assert.rejects(failing(), { code: "permission-denied" });
  assert.deepEqual(seen, Array(3).fill("permission-denied"));
  const broken = (function* () {
    yield* files(2);
    throw new Error("No more");
  })();
  await assert.rejects(outcomesOf(client.putMany(broken)), /No more/);
  const gone = AbortSignal.abort(new Error("Not any more"));
  await assert.rejects(outcomesOf(client.putMany(files(2), { signal: gone })), /Not any more/);
});
