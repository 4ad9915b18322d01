import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Client } from "../../client/client.ts";
import { getMany, type GetManyOutcome, type WantedFile } from "../../client/get_many.ts";
import type { GetResult } from "../../client/get_options.ts";
import { connect } from "../../client/mod.ts";
import {
  encodeAnswer,
  encodeErrorAnswer,
  Flags,
  messages,
  MessageType,
  ProtocolError,
  RemoteError,
} from "../../protocol/mod.ts";
import { withServer } from "../fixtures/server.ts";
import { tree, writeFile } from "../transfer/temporary.ts";
import { LOST, Net } from "./fake_net.ts";
import type { Answerer } from "./fake_server.ts";

const RESOURCES = { [Symbol.asyncDispose]: () => Promise.resolve() };

async function outcomesOf(
  outcomes: AsyncIterable<GetManyOutcome<WantedFile>>,
): Promise<[name: string, how: string][]> {
  const all: [string, string][] = [];
  for await (const outcome of outcomes) {
    const { name } = outcome.file;
    if ("result" in outcome) assert.equal(outcome.result.name, name);
    all.push([name, "result" in outcome ? "ok" : (outcome.error as { code: string }).code]);
  }
  return all;
}

async function withDirectory(test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "msquicd-get-many-" });
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("getMany() fetches small and large files, and names those that it cannot fetch, in their order", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    const here = (name: string) => join(directory, "here", name);
    const storage = join(directory, "storage");
    const names = Array.from({ length: 600 }, (_, index) => `many/${index % 5}/${index}`);
    for (const name of names) await writeFile(join(storage, name), `content of ${name}`);
    await writeFile(join(storage, "large"), "x".repeat(300_000));
    await writeFile(join(storage, "empty"), "");
    await Deno.chmod(join(storage, "many/0/0"), 0o750).catch(() => {});
    await Deno.utime(join(storage, "many/0/0"), new Date(1e12), new Date(1e12));
    await writeFile(here("taken"), "old");
    await writeFile(join(storage, "taken"), "new");
    await using client = await connect({ server, token, fingerprint });
    const wanted = [...names, "large", "none", "empty", "bad\\name", "taken"]
      .map((name) => ({ name, path: here(name) }));
    assert.deepEqual(await outcomesOf(client.getMany(wanted)), [
      ...names.map((name) => [name, "ok"]),
      ["large", "ok"],
      ["none", "not-found"],
      ["empty", "ok"],
      ["bad\\name", "invalid-name"],
      ["taken", "file-exists"],
    ]);
    for (const name of names) {
      assert.equal(await Deno.readTextFile(here(name)), `content of ${name}`);
    }
    assert.equal((await Deno.stat(here("large"))).size, 300_000);
    assert.equal(await Deno.readTextFile(here("taken")), "old");
    const { mtime, mode } = await Deno.stat(here("many/0/0"));
    assert.equal(mtime?.getTime(), 1e12);
    if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o750 & ~Deno.umask());
    const again = client.getMany([{ name: "taken", path: here("taken") }], { overwrite: "always" });
    for await (const outcome of again) {
      assert.ok("result" in outcome);
      const { ms, limitedBy, network, ...rest } = outcome.result;
      assert.ok(ms >= 0 && limitedBy && network !== undefined);
      const sha256 = createHash("sha256").update("new").digest("hex");
      const path = here("taken");
      assert.deepEqual(rest, {
        ...{ name: "taken", bytes: 3, sha256, resumedFrom: 0, streams: 1, path, server },
      });
    }
    assert.equal(await Deno.readTextFile(here("taken")), "new");
    const parts = (await tree(join(directory, "here"))).filter((name) => name.includes(".part"));
    assert.deepEqual(parts, []);
  });
});

/** Sends `name` for each name, and breaks what is called `broken`. */
const sending: Answerer = async ({ type, body }, stream) => {
  assert.equal(type, MessageType.fileGetMany);
  await stream.send(encodeAnswer(type, {}, Flags.data));
  for (const name of messages.fileGetMany.parseRequest(body).names) {
    const bytes = new TextEncoder().encode(name);
    const info = { name, size: bytes.length, mtime: 0 };
    await stream.send(encodeAnswer(MessageType.fileGet, info, Flags.data));
    await stream.send(bytes);
    const hash = createHash("sha256").update(name === "broken" ? "" : bytes).digest();
    await stream.send(new Uint8Array(hash));
  }
  await stream.send(new Uint8Array(), { fin: true });
};

Deno.test("getMany() goes on at another server, and asks only for what it has not got", async () => {
  await withDirectory(async (directory) => {
    const net = new Net();
    const asked: string[][] = [];
    net.up(1, async ({ type }, stream) => {
      await stream.send(encodeAnswer(type, {}, Flags.data));
      const bytes = new TextEncoder().encode("a");
      const info = { name: "a", size: 1, mtime: 0 };
      await stream.send(encodeAnswer(MessageType.fileGet, info, Flags.data));
      await stream.send(bytes);
      await stream.send(new Uint8Array(createHash("sha256").update(bytes).digest()));
      net.down(1);
      net.to(1).connection.end(LOST);
    });
    net.up(2, async (message, stream, reader) => {
      asked.push(messages.fileGetMany.parseRequest(message.body).names);
      await sending(message, stream, reader);
    });
    await using client = new Client({ roaming: await net.roam([1, 2]), resources: RESOURCES });
    const wanted = ["a", "b", "broken", "c"].map((name) => ({ name, path: join(directory, name) }));
    assert.deepEqual(await outcomesOf(client.getMany(wanted)), [
      ["a", "ok"],
      ["b", "ok"],
      ["broken", "hash-mismatch"],
      ["c", "ok"],
    ]);
    assert.deepEqual(asked, [["b", "broken", "c"]]);
    assert.deepEqual(await tree(directory), ["a", "b", "c"]);
  });
});

Deno.test("getMany() fetches each by itself where the server knows no other way, and ends with who takes them", async () => {
  await withDirectory(async (directory) => {
    const net = new Net();
    net.up(1, async ({ type, body }, stream) => {
      if (type !== MessageType.fileGet) {
        const refusal = new ProtocolError("unknown-type", "Message type is unknown");
        return await stream.send(encodeErrorAnswer(type, refusal), { fin: true });
      }
      const { name } = messages.fileGet.parseRequest(body);
      const info = { name, size: 0, mtime: 0 };
      await stream.send(encodeAnswer(type, info, Flags.data));
      await stream.send(new Uint8Array(createHash("sha256").digest()), { fin: true });
    });
    await using client = new Client({ roaming: await net.roam([1]), resources: RESOURCES });
    const wanted = Array.from({ length: 40 }, (_, index) => ({
      name: `${index}`,
      path: join(directory, `${index}`),
    }));
    const seen = await outcomesOf(client.getMany(wanted));
    assert.deepEqual(seen, wanted.map(({ name }) => [name, "ok"]));
    let returned = false;
    const endless = (function* () {
      try {
        for (let index = 0;; index++) {
          yield { name: `x${index}`, path: join(directory, `x${index}`) };
        }
      } finally {
        returned = true;
      }
    })();
    for await (const outcome of client.getMany(endless)) {
      assert.ok(outcome.file.name.startsWith("x"));
      break;
    }
    assert.ok(returned);
  });
});

Deno.test("getMany() tells what came of files, and leaves none under way, before it says what ended it", async () => {
  const given = new AbortController();
  const interrupted = new Error("Interrupted");
  let underWay = 0;
  const services = {
    async getOne({ name, path }: WantedFile, { signal }: { signal?: AbortSignal }) {
      underWay++;
      if (name !== "done") {
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        for (let turns = 0; turns < 50; turns++) await Promise.resolve(); // removes what it has begun
      }
      underWay--;
      signal?.throwIfAborted();
      return { ...{ name, path, bytes: 0, sha256: "", ms: 0, resumedFrom: 0 } } as GetResult;
    },
    async run() {
      while (underWay < 16) await Promise.resolve();
      given.abort(interrupted);
      throw interrupted;
    },
  };
  const large = Array.from({ length: 20 }, (_, index) => ({ name: `large-${index}` }));
  const wanted = [{ name: "bad\\name" }, { name: "done" }, ...large]
    .map((file) => ({ ...file, path: file.name, size: 100_000 }));
  const outcomes: string[] = [];
  const fetching = getMany(services, [...wanted, { name: "small", path: "small" }], {
    signal: given.signal,
  });
  await assert.rejects(async () => {
    for await (const outcome of fetching) {
      outcomes.push("result" in outcome ? outcome.file.name : String(outcome.error));
    }
  }, interrupted);
  assert.equal(underWay, 0);
  assert.match(outcomes[0]!, /bad/);
  assert.deepEqual(outcomes.slice(1), ["done", ...large.map(() => String(interrupted))]);
});

Deno.test("getMany() fetches what was found before no more could be found", async () => {
  const services = {
    getOne: ({ name, path }: WantedFile) => Promise.resolve({ name, path } as GetResult),
    run: () => Promise.reject(new RemoteError("unknown-type", "Message type is unknown")),
  };
  async function* find() {
    for (let index = 0; index < 700; index++) yield { name: `${index}`, path: `${index}` };
    await Promise.reject(new Error("Cannot list"));
  }
  let fetched = 0;
  await assert.rejects(async () => {
    for await (const outcome of getMany(services, find(), {})) {
      assert.equal(outcome.file.name, `${fetched++}`);
      assert.ok("result" in outcome);
    }
  }, { message: "Cannot list" });
  assert.equal(fetched, 700);
});

Deno.test("getMany() ends with what ended it, and waits for no file that is still looked for", async () => {
  const lost = new Error("Lost");
  const services = {
    getOne: () => Promise.reject(new Error("not asked")),
    run: () => Promise.reject(lost),
  };
  async function* find() {
    for (let index = 0; index < 600; index++) yield { name: `${index}`, path: `${index}` };
    await new Promise(() => {});
  }
  await assert.rejects(Array.fromAsync(getMany(services, find(), {})), lost);
});
