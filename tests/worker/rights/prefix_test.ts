import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { concat, delay } from "../../../base/mod.ts";
import { isBelow, isPrefix } from "../../../base/name_prefix.ts";
import type { ActionClient } from "../../../handlers/messages/mod.ts";
import {
  encodeMessage,
  Flags,
  MessageReader,
  messages,
  MessageType,
  type ServerEvent,
} from "../../../protocol/mod.ts";
import { ActionRunner } from "../../../worker/actions/action_runner.ts";
import { Identity } from "../../../worker/rights/identity.ts";
import { wholeSource } from "../../protocol/chunked_source.ts";
import { SessionBench } from "../fakes.ts";

const IDENTITY = new Identity({ kind: "token", name: "ci", allow: ["admin"], prefix: "ci" });

/** What is stored: below the prefix, and elsewhere, also where names are like it. */
const STORED: Readonly<Record<string, string>> = {
  "ci/mine.txt": "mine",
  "ci/deep/er.txt": "mine as well",
  "cix.txt": "secret",
  "ci-other/a.txt": "secret",
  "CI/a.txt": "secret",
  "other/a.txt": "secret",
  "other/ci/mine.txt": "secret",
  "top.txt": "secret",
};

async function confined(): Promise<SessionBench> {
  const bench = await SessionBench.open();
  for (const [name, text] of Object.entries(STORED)) {
    const path = join(bench.storage.path, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  Object.defineProperty(bench.session, "identity", { value: IDENTITY });
  return bench;
}

/** What is stored elsewhere than below the prefix. */
async function elsewhere({ storage }: SessionBench): Promise<Record<string, string>> {
  const names = Object.keys(STORED).filter((name) => !name.startsWith("ci/"));
  const texts = names.map(async (name) => [
    name,
    await Deno.readTextFile(join(storage.path, name)),
  ]);
  return Object.fromEntries(await Promise.all(texts));
}

/** Stores a file as one of many. */
async function putMany({ connection }: SessionBench, name: string) {
  const { filePut, filePutMany } = MessageType;
  const body = { name, size: 3, overwrite: "always" };
  const packed = concat([
    encodeMessage({ type: filePut, flags: Flags.data, body }),
    upload("new"),
  ]);
  const [answer = {}] = await connection.request(filePutMany, {}, packed).answers();
  const [failure = {}] = (answer.failures ?? []) as Record<string, unknown>[];
  return failure;
}

/** Fetches a file as one of many. */
async function getMany({ connection }: SessionBench, name: string) {
  const { fileGetMany } = MessageType;
  const { data, body } = await connection.request(fileGetMany, { names: [name] }).answer();
  if (data.length === 0) return body;
  return (await new MessageReader(wholeSource(data)).readMessage()).body as Record<string, unknown>;
}

function upload(text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  return concat([data, createHash("sha256").update(data).digest()]);
}

Deno.test("Each message about a stored file says which, so that nobody gets around a prefix by it", () => {
  const body = { name: "a/b", to: "c/d", size: 1, mtime: 1, id: "0".repeat(32) };
  const about: string[] = [];
  for (const message of Object.values(messages)) {
    if (!("parseRequest" in message) || !message.name.startsWith("file.")) continue;
    // One has a prefix of its own, others many names, each of which is refused by itself: all are tried below.
    // Another has none, and tells of what is elsewhere only what bounds its client.
    if (["file.list", "file.put_many", "file.get_many", "file.quotas"].includes(message.name)) {
      continue;
    }
    const request: unknown = message.parseRequest(body);
    const { name, to } = request as { name: string; to?: string };
    const names = (message.names as ((request: unknown) => string[]) | undefined)?.(request);
    assert.deepEqual(names, to === undefined ? [name] : [name, to], message.name);
    about.push(message.name);
  }
  assert.ok(about.length >= 8, String(about));
});

Deno.test("Who is confined to a directory gets out by no name, in whatever way it is written", async () => {
  await using bench = await confined();
  const before = await elsewhere(bench);
  const { filePut, fileGet, fileStat, fileDelete, fileResume } = MessageType;
  const { fileMove, fileMkdir, fileSum, fileDigests, filePutStriped, filePutChunks } = MessageType;
  const ask = async (type: number, body: object, data?: Uint8Array) =>
    (await bench.connection.request(type, body, data).answer()).body;
  const id = "0123456789abcdef".repeat(2);
  const asks: ((name: string) => Promise<Record<string, unknown>>)[] = [
    (name) => ask(fileGet, { name }),
    (name) => ask(fileStat, { name }),
    (name) => ask(fileSum, { name }),
    (name) => ask(fileDigests, { name, size: 1, mtime: 1 }),
    (name) => ask(filePutStriped, { name, size: 2 ** 24, id }, new Uint8Array()),
    (name) => ask(filePutChunks, { name, size: 2 ** 24, id }, new Uint8Array()),
    (name) => ask(fileDelete, { name }),
    (name) => ask(fileDelete, { name, directory: true }),
    (name) => ask(fileMkdir, { name }),
    (name) => ask(fileResume, { name, id, size: 3 }),
    (name) => ask(filePut, { name, size: 3, overwrite: "always" }, upload("new")),
    (name) => ask(filePut, { name, size: 3, overwrite: "always", id }, upload("new")),
    (name) => putMany(bench, name),
    (name) => getMany(bench, name),
    (name) => ask(fileMove, { name, to: "ci/moved.txt" }),
    (name) => ask(fileMove, { name: "ci/mine.txt", to: name, overwrite: "always" }),
  ];
  const segment = fc.constantFrom(
    ...[
      "ci",
      "CI",
      "Ci",
      "ci ",
      "ci.",
      "сi",
      "ｃｉ",
      "ci\u0301",
      "c\u0131",
      "..",
      ".",
      "",
      "other",
    ],
    ...[
      "a.txt",
      "mine.txt",
      "ci-other",
      "cix.txt",
      "top.txt",
      "deep",
      "er.txt",
      ".msquicd",
      "ci\0",
    ],
    ...["ci\\..\\other", "%2e%2e", "ci:a"],
  );
  const names = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  const refused = new Set(["permission-denied", "invalid-name"]);
  const one = fc.asyncProperty(names, fc.constantFrom(...asks), async (name, asking) => {
    const { code } = await asking(name);
    if (!isBelow(name, "ci")) assert.ok(refused.has(String(code)), `${name}: ${code}`);
  });
  await fc.assert(one, {
    numRuns: 400,
    examples: Object.keys(STORED).map((name) => [name, asks[0]!]),
  });
  assert.deepEqual(await elsewhere(bench), before);
  const tops = Array.from(Deno.readDirSync(bench.storage.path), ({ name }) => name);
  assert.deepEqual(
    tops.filter((name) => name !== "ci" && name !== ".msquicd").sort(),
    [...new Set(Object.keys(before).map((name) => name.split("/")[0]!))].sort(),
  );
  const { message } = await ask(fileGet, { name: "other/a.txt" });
  assert.equal(
    message,
    'Not allowed: "other/a.txt" is not below "ci/", and token "ci" may use nothing else',
  );
});

Deno.test("Who is confined to a directory sees only what is in it, whatever is asked for", async () => {
  await using bench = await confined();
  const list = async (body: object) =>
    (await bench.connection.request(MessageType.fileList, body).answer()).body;
  const all = ["ci/deep/er.txt", "ci/mine.txt"];
  const cases: [object, string[] | "permission-denied"][] = [
    [{}, all],
    [{ prefix: "" }, all],
    [{ prefix: "c" }, all],
    [{ prefix: "ci" }, all],
    [{ prefix: "ci/" }, all],
    [{ prefix: "ci/d" }, ["ci/deep/er.txt"]],
    [{ prefix: "ci/none" }, []],
    [{ after: "ci/deep/er.txt" }, ["ci/mine.txt"]],
    [{ after: "zzz" }, []],
    [{ directories: "closed" }, ["ci/deep", "ci/mine.txt"]],
    ...["cix", "CI", "CI/", "other/", "ci-", "ci/../other/", "/", "../"].map(
      (prefix): [object, "permission-denied"] => [{ prefix }, "permission-denied"],
    ),
  ];
  for (const [body, expected] of cases) {
    const { entries, code } = await list(body);
    const names = (entries as { name: string }[] | undefined)?.map(({ name }) => name);
    const what = JSON.stringify(body);
    if (body && "prefix" in body && body.prefix === "ci/../other/") {
      // It begins with what is allowed, and no name begins so.
      assert.ok(code !== undefined || names?.length === 0, what);
    } else assert.deepEqual(names ?? code, expected, what);
  }
});

Deno.test("Who is confined to a directory neither hears of files elsewhere, nor has actions run on them", async () => {
  await using bench = await confined();
  const { events } = bench.session.services;
  const stream = bench.connection.request(MessageType.eventsSubscribe, { topics: ["*"] });
  while (events.subscribers === 0) await delay(1);
  for (const name of ["ci/mine.txt", "other/a.txt"]) {
    events.publish("transfer.begun", () => ({ session: "s", name }));
  }
  events.publish("session.closed", () => ({ session: "s" }));
  events.close();
  const heard = (await stream.answers()).map((event) => event as unknown as ServerEvent);
  assert.deepEqual(heard.map(({ topic, body }) => [topic, body.name]), [
    ["events.subscribed", undefined],
    ["transfer.begun", "ci/mine.txt"],
    ["session.closed", undefined],
  ]);
  const show = { command: ["/nowhere", "{what}"], arguments: { what: { file: true } } } as const;
  await using runner = new ActionRunner({ actions: { show }, limit: 1, mark: "test" });
  const client = {
    ...{ storage: bench.storage, signal: new AbortController().signal },
    session: { id: "s", peer: "p", agent: "a", identity: IDENTITY },
  } as unknown as ActionClient;
  const run = (what: string) => runner.run({ name: "show", arguments: { what } }, client);
  await assert.rejects(run("other/a.txt"), { code: "permission-denied" });
  await assert.rejects(run("ci/mine.txt"), { code: "cannot-run" });
});

Deno.test("isPrefix() takes names of directories, and nothing that could lead elsewhere", () => {
  for (const text of ["a", "photos/2030", "Ünï", "a.b", "a b"]) assert.ok(isPrefix(text), text);
  const wrong: unknown[] = [
    ...["", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\\b", "a:b", "a\0"],
    ...[" a", "a ", "a.", ".msquicd", ".MSQUICD/x", "\ud800", "a".repeat(513), 5, null, ["a"]],
  ];
  for (const text of wrong) assert.ok(!isPrefix(text), String(text));
});
