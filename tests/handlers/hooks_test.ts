import assert from "node:assert/strict";
import { join } from "node:path";
import * as v from "valibot";
import {
  builtinHandlers,
  type Client,
  type CompletedUpload,
  connect,
  defineHandler,
  defineHooks,
  defineMessage,
  type FileHooks,
  HandlerRegistry,
  ProtocolError,
  type StartedUpload,
} from "../../mod.ts";
import { parseServers } from "../../client/mod.ts";
import { HookedFiles } from "../../handlers/messages/hooked_files.ts";
import type { SessionInfo } from "../../handlers/messages/mod.ts";
import { Quotas } from "../../transfer/storage/quotas.ts";
import { DiskStorage, lockUpload, openStorageRoot } from "../../transfer/mod.ts";
import { OWNER } from "../../worker/rights/identity.ts";
import { temporaryDirectory } from "../transfer/temporary.ts";
import { CaughtLogs } from "../fixtures/caught_logs.ts";
import { type Bench, withServer } from "../fixtures/server.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const ID = "0123456789abcdef0123456789abcdef";

/** Bytes of which no two stretches are the same. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, at) => (at * 7 + (at >> 8)) % 256);
}

async function withHooks(
  hooks: FileHooks,
  test: (client: Client, bench: Bench) => Promise<void>,
  more: Parameters<typeof withServer>[1] = {},
): Promise<void> {
  await withServer(async (bench) => {
    const { server, token, fingerprint } = bench;
    await using client = await connect({ server: parseServers(server), token, fingerprint });
    await test(client, bench);
  }, { tryLock: lockUpload, ...more, hooks: [defineHooks(hooks)] });
}

async function namesThere(client: Client): Promise<string[]> {
  return (await Array.fromAsync(client.list())).map(({ name }) => name);
}

function staged({ directory }: Bench): string[] {
  const staging = join(directory, "storage", ".msquicd", "uploads");
  return Array.from(Deno.readDirSync(staging), ({ name }) => name);
}

/** Reads some bytes, as often as asked. */
function readerOf(data: Uint8Array) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = data.subarray(at, at + Math.min(buffer.length, 100_000));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

/** Stores a file in each way that there is. @returns What became of each: a name, or an error's code. */
async function storeInEveryWay(client: Client, prefix: string): Promise<string[]> {
  const large = bytesOf(2 * MIB);
  const outcome = (storing: Promise<{ name: string; renamedFrom?: string }>) =>
    storing.then(
      ({ name, renamedFrom }) => `${renamedFrom ?? "-"} ${name}`,
      (error) => `${error.code}: ${error.message.replace(/^.*?: /, "")}`,
    );
  const outcomes = [
    await outcome(client.put(bytesOf(100), `${prefix}small`)),
    await outcome(client.put(large, `${prefix}large`)),
    await outcome(client.putStream(readerOf(large), `${prefix}stream`)),
  ];
  const many = ["one", "two"].map((name) => ({ source: bytesOf(50), name: prefix + name }));
  for await (const one of client.putMany(many)) {
    outcomes.push(
      await outcome("result" in one ? Promise.resolve(one.result) : Promise.reject(one.error)),
    );
  }
  return outcomes;
}

const WAYS = ["small", "large", "stream", "one", "two"];

Deno.test("onUploadStart is told of every upload, and gives it another name, which is told", async () => {
  const asked: StartedUpload[] = [];
  const hooks: FileHooks = {
    name: "dated",
    onUploadStart(upload, { session }) {
      asked.push(upload);
      assert.equal(session.identity.name, "owner");
      if (upload.name.startsWith("in/")) return { name: upload.name.replace("in/", "2026/") };
    },
  };
  await withHooks(hooks, async (client) => {
    assert.deepEqual(
      await storeInEveryWay(client, "in/"),
      WAYS.map((name) => `in/${name} 2026/${name}`),
    );
    assert.deepEqual(await storeInEveryWay(client, ""), WAYS.map((name) => `- ${name}`));
    assert.deepEqual(
      asked.slice(0, 5).map(({ name, size }) => [name, size]),
      [["in/small", 100], ["in/large", 2 * MIB], ["in/stream", undefined], ["in/one", 50], [
        "in/two",
        50,
      ]],
    );
    const names = [...WAYS, ...WAYS.map((name) => `2026/${name}`)];
    assert.deepEqual(await namesThere(client), names.sort());
    // What is in the way, is in the way there.
    await assert.rejects(client.put(bytesOf(9), "in/small"), (error: Error) => {
      assert.match(error.message, /server calls it "2026\/small": A file of this name exists/);
      return true;
    });
    await client.put(bytesOf(9), "in/small", { overwrite: "always" });
    assert.equal((await client.stat("2026/small")).size, 9);
  });
});

Deno.test("onUploadStart refuses every way to store, and what it throws is told with its code", async () => {
  const hooks: FileHooks = {
    name: "strict",
    onUploadStart({ name }) {
      throw new ProtocolError("refused", `No ${name} here`);
    },
  };
  await withHooks(hooks, async (client, bench) => {
    const outcomes = await storeInEveryWay(client, "");
    assert.deepEqual(outcomes, WAYS.map((name) => `refused: no ${name} here`));
    assert.deepEqual([await namesThere(client), staged(bench)], [[], []]);
  });
});

Deno.test("A name that onUploadStart gives is checked as if the client had said it", async () => {
  let wanted = "";
  const hooks: FileHooks = { name: "odd", onUploadStart: () => ({ name: wanted }) };
  const secret = "a secret of the tests' own";
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)),
  ).toHex();
  const tokens = [{ name: "ci", digest, allow: ["write"] as const, prefix: "ci" }];
  await withHooks(hooks, async (_, { server, fingerprint }) => {
    await using client = await connect({ server, token: secret, fingerprint });
    for (
      const [name, code] of [
        ["../x", "invalid-name"],
        [".msquicd/x", "invalid-name"],
        ["other/x", "permission-denied"],
      ] as const
    ) {
      wanted = name;
      const outcomes = await storeInEveryWay(client, "ci/");
      assert.deepEqual(outcomes.map((text) => text.split(":")[0]), WAYS.map(() => code), name);
      if (code !== "invalid-name") continue;
      for (const text of outcomes) {
        assert.match(text, /onUploadStart of the server's "odd" gives it/);
      }
    }
    wanted = "ci/there";
    assert.equal((await client.put(bytesOf(1), "ci/x")).name, "ci/there");
  }, { tokens });
});

Deno.test("A name that onUploadStart gives is one of those that the storage takes", async () => {
  await using directory = await temporaryDirectory();
  const root = await openStorageRoot(directory.path, undefined, { allowedNames: ["ok/*", "x"] });
  const asked = { name: "x", size: 1, overwrite: "never" } as const;
  const client = {
    session: { identity: OWNER } as unknown as SessionInfo,
    signal: new AbortController().signal,
    storage: { ...root, owner: "test" },
    auditChange() {},
  };
  const files = (name: string) => {
    const hooks = { onUploadStart: () => Promise.resolve(name) };
    return new HookedFiles(new DiskStorage(client.storage), hooks, client);
  };
  using good = files("ok/x").target("x");
  assert.equal(await good.find(asked), undefined);
  assert.equal(good.name, "ok/x");
  using bad = files("other/x").target("x");
  await assert.rejects(bad.find(asked), { code: "permission-denied" });
});

Deno.test("An upload that goes on, or is asked for again, is found under the name that it has got", async () => {
  let asked = 0;
  const hooks: FileHooks = {
    name: "numbered",
    onUploadStart: ({ name }) => ({ name: `${name}.${++asked}` }),
  };
  await withHooks(hooks, async (client, { server, token, fingerprint }) => {
    const data = bytesOf(3 * MIB);
    {
      await using slow = await connect({ server, token, fingerprint, bytesPerSecond: 8 * MIB });
      const given = new AbortController();
      const part = ID.replace("0", "f");
      const onProgress = (bytes: number) => bytes >= MIB && given.abort();
      const putting = slow.put(data, "a", { id: ID, part, signal: given.signal, onProgress });
      await assert.rejects(putting, { name: "AbortError" });
      const again = await client.put(data, "a", { id: ID, part });
      assert.equal(again.name, "a.1");
      assert.ok(again.resumedFrom > 0);
    }
    // The answer is lost, as it were.
    const third = await client.put(data, "a", { id: ID });
    assert.deepEqual([third.name, third.renamedFrom, third.resumedFrom], ["a.1", "a", 3 * MIB]);
    const small = { id: ID.replace("0", "e") };
    const [first, second] = [
      await client.put(bytesOf(10), "b", small),
      await client.put(bytesOf(10), "b", small),
    ];
    assert.deepEqual([first.name, second.name], ["b.2", "b.2"]);
    assert.deepEqual(await namesThere(client), ["a.1", "b.2"]);
    assert.equal(asked, 2);
  });
});

Deno.test("onUploadComplete looks at the bytes before anybody sees the file, and keeps it from being stored", async () => {
  const asked: CompletedUpload[] = [];
  const hooks: FileHooks = {
    name: "scanner",
    async onUploadComplete(upload) {
      asked.push(upload);
      const bytes = await Deno.readFile(upload.path ?? "");
      assert.equal(bytes.length, upload.size);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      assert.equal(digest, upload.sha256);
      assert.deepEqual(await namesThere(seen), []);
      throw new ProtocolError("refused", "It has something");
    },
  };
  let seen: Client;
  await withHooks(hooks, async (client, bench) => {
    seen = client;
    const outcomes = await storeInEveryWay(client, "");
    assert.deepEqual(outcomes, WAYS.map(() => "refused: it has something"));
    assert.deepEqual(asked.map(({ name }) => name), WAYS);
    assert.deepEqual([await namesThere(client), staged(bench)], [[], []]);
  });
});

Deno.test("What comes through a pipe is held to a quota as it comes, also where a hook waits for its end", async () => {
  const asked: CompletedUpload[] = [];
  const hooks: FileHooks = { name: "waits", onUploadComplete: (upload) => void asked.push(upload) };
  const quotas = new Quotas({ a: 3 * MIB });
  await withHooks(hooks, async (client, bench) => {
    await assert.rejects(client.putStream(readerOf(bytesOf(4 * MIB)), "a/more"), {
      code: "quota-exceeded",
    });
    assert.deepEqual([asked, staged(bench)], [[], []]);
    const { name } = await client.putStream(readerOf(bytesOf(2.5 * MIB)), "a/fits");
    assert.deepEqual(asked.map(({ name, size }) => [name, size]), [[name, 2.5 * MIB]]);
  }, { quotas });
});

Deno.test("Hooks that fail or hang cost their file alone, are logged with their place, and leave what has come", async () => {
  await using logs = await CaughtLogs.of(["msquicd", "worker"]);
  let wrong = true;
  let signal: AbortSignal | undefined;
  const hooks: FileHooks = {
    name: "shaky",
    deadlineMs: 100,
    onUploadStart({ name }) {
      if (name === "odd") return { nam: "x" } as unknown as { name: string };
    },
    async onUploadComplete({ name }, context) {
      if (!wrong || name === "good") return;
      if (name === "throws") throw new Error("Something is undefined");
      signal = context.signal;
      await new Promise(() => {});
    },
  };
  await withHooks(hooks, async (client, bench) => {
    const failed = (name: string, size: number) =>
      assert.rejects(client.put(bytesOf(size), name, { id: ID }), {
        code: "hook-failed",
        message: /"shaky" has failed; its log says why/,
      });
    await failed("odd", 10);
    await failed("throws", 10);
    await Promise.all([failed("hangs", 2 * MIB), client.put(bytesOf(10), "good")]);
    assert.equal(signal?.aborted, true);
    assert.deepEqual(await namesThere(client), ["good"]);
    assert.equal(staged(bench).length, 1);
    wrong = false;
    const again = await client.put(bytesOf(2 * MIB), "hangs", { id: ID });
    assert.equal(again.resumedFrom, 2 * MIB);
    assert.deepEqual(staged(bench), []);
    const [odd = "", thrown = "", late = ""] = logs.messages
      .filter((message) => message.startsWith("Hook "));
    assert.match(odd, /onUploadStart of shaky has failed for odd: it has returned something/);
    assert.match(thrown, /for throws: Something is undefined.*hooks_test\.ts.*line \d+/);
    assert.match(late, /for hangs: it has taken longer than 100 ms.*hooks_test\.ts.*line \d+/);
  });
});

Deno.test("A hook hears that its client has gone, and nothing is stored", async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const hooks: FileHooks = {
    name: "slow",
    async onUploadComplete(_, { signal }) {
      begun.resolve(signal);
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error())));
    },
  };
  await withHooks(hooks, async (client, { server, token, fingerprint }) => {
    const other = await connect({ server, token, fingerprint });
    const putting = other.put(bytesOf(100), "a");
    putting.catch(() => {});
    const signal = await begun.promise;
    await other.close();
    await assert.rejects(putting);
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    assert.deepEqual(await namesThere(client), []);
  });
});

Deno.test("onDelete is asked before each file that is removed, and not where one is replaced or moved", async () => {
  const asked: string[] = [];
  const paths: string[] = [];
  const hooks: FileHooks = {
    name: "keeper",
    onDelete({ name, size, path }) {
      asked.push(`${name} ${size}`);
      paths.push(path);
      if (name.endsWith(".keep")) throw new ProtocolError("refused", "That one stays");
    },
  };
  await withHooks(hooks, async (client) => {
    for (const name of ["a", "b.keep", "c"]) await client.put(bytesOf(5), name);
    await client.put(bytesOf(6), "a", { overwrite: "always" });
    await client.move("c", "d");
    await client.makeDirectory("empty");
    await client.remove("empty", { directory: true });
    assert.deepEqual(asked, []);
    await assert.rejects(client.remove("b.keep"), { code: "refused", message: /that one stays/i });
    await client.remove("a");
    await assert.rejects(client.remove("none"), { code: "not-found" });
    assert.deepEqual(asked, ["b.keep 5", "a 6"]);
    assert.equal((await Deno.stat(paths[0] ?? "")).size, 5);
    assert.deepEqual(await namesThere(client), ["b.keep", "d"]);
  });
});

Deno.test("Several hooks are asked one after the other, with the name that those before have given", async () => {
  const asked: string[] = [];
  const step = (letter: string) =>
    defineHooks({
      name: letter,
      onUploadStart({ name }) {
        asked.push(`${letter} ${name}`);
        return { name: name + letter };
      },
    });
  await withServer(async ({ server, token, fingerprint }) => {
    await using client = await connect({ server, token, fingerprint });
    assert.equal((await client.put(bytesOf(1), "x")).name, "xab");
    assert.deepEqual(asked, ["a x", "b xa"]);
  }, { hooks: [step("a"), step("b")] });
});

Deno.test("Handlers of one's own that store and remove files go through the hooks as well", async () => {
  const text = v.object({ name: v.string() });
  const message = defineMessage({ type: 0x8000, name: "a.store", request: text, response: text });
  const store = defineHandler(message, async ({ name }, { files }) => {
    using target = files.target(name);
    await target.find({ name });
    await using incoming = await target.begin({ name });
    using room = await incoming.reserve();
    const bytes = new TextEncoder().encode("hello");
    await incoming.file.write(bytes);
    room.progress(bytes.length);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    await incoming.publish(new Uint8Array(digest).toHex());
    await files.remove(target.name);
    return { name: target.name };
  });
  const asked: string[] = [];
  const hooks: FileHooks = {
    name: "all",
    onUploadStart: ({ name }) => ({ name: `in/${name}` }),
    onUploadComplete: ({ name, size }) => void asked.push(`${name} ${size}`),
    onDelete: ({ name }) => void asked.push(`-${name}`),
  };
  const handlers = new HandlerRegistry([...builtinHandlers(), store]);
  await withHooks(hooks, async (client) => {
    assert.deepEqual(await client.call(message, { name: "x" }), { name: "in/x" });
    assert.deepEqual(asked, ["in/x 5", "-in/x"]);
  }, { handlers });
});

Deno.test("defineHooks() refuses what is none, and says what is wrong", () => {
  const cases: [unknown, RegExp][] = [
    [{}, /they have no name/],
    [{ name: "a" }, /"a": give onUploadStart, onUploadComplete, onDelete/],
    [{ name: "a", onUpload() {} }, /there is no onUpload, but name, deadlineMs, onUploadStart/],
    [{ name: "a", onDelete: true }, /onDelete is no function/],
    [{ name: "a", onDelete() {}, deadlineMs: 0 }, /deadlineMs must be a whole number from 1/],
  ];
  for (const [hooks, message] of cases) {
    assert.throws(() => defineHooks(hooks as FileHooks), { code: "invalid-definition", message });
  }
});
