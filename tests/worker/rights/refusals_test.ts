import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { concat, delay } from "../../../base/mod.ts";
import type { Scope } from "../../../base/scopes.ts";
import type { ActionClient } from "../../../handlers/messages/mod.ts";
import { Flags, MessageType, type ServerEvent } from "../../../protocol/mod.ts";
import { ActionRunner } from "../../../worker/actions/action_runner.ts";
import { Identity } from "../../../worker/rights/identity.ts";
import { SessionBench } from "../fakes.ts";

const { filePut, fileDelete, eventsSubscribe } = MessageType;

function identityOf(...allow: Scope[]): Identity {
  return new Identity({ kind: "token", name: "ci", allow });
}

/** Has a session be another client's. */
function become({ session }: SessionBench, identity: Identity): void {
  Object.defineProperty(session, "identity", { value: identity, configurable: true });
}

async function put(bench: SessionBench, text: string, more = {}) {
  const data = new TextEncoder().encode(text);
  const body = { name: "notes.txt", size: data.length, ...more };
  const raw = concat([data, createHash("sha256").update(data).digest()]);
  return (await bench.connection.request(filePut, body, raw).answer()).body;
}

Deno.test("Who may only write makes new files, and neither replaces nor removes any", async () => {
  await using bench = await SessionBench.open();
  const stored = join(bench.storage.path, "notes.txt");
  become(bench, identityOf("write"));
  const denied = (body: Record<string, unknown>, what: string) =>
    assert.deepEqual(body, {
      code: "permission-denied",
      message: `Not allowed: ${what} needs the right "delete", which token "ci" does not have`,
    });
  for (const overwrite of ["always", "newer"]) {
    denied(await put(bench, "new", { overwrite }), "replacing files");
  }
  assert.equal((await put(bench, "first", { overwrite: "never" })).size, 5);
  assert.equal((await put(bench, "second")).code, "file-exists");
  denied(await put(bench, "second", { overwrite: "always" }), "replacing files");
  const removal = () => bench.connection.request(fileDelete, { name: "notes.txt" }).answer();
  denied((await removal()).body, "file.delete");
  assert.equal(await Deno.readTextFile(stored), "first");
  become(bench, identityOf("write", "delete"));
  assert.equal((await put(bench, "second", { overwrite: "always" })).size, 6);
  assert.equal(await Deno.readTextFile(stored), "second");
  assert.deepEqual((await removal()).body, { name: "notes.txt" });
});

Deno.test("Who may not look at others hears of no session and no transfer, and of all else", async () => {
  await using bench = await SessionBench.open();
  const subscribe = (topics: string[]) => bench.connection.request(eventsSubscribe, { topics });
  become(bench, identityOf("read"));
  for (const topic of ["session.*", "transfer.begun", "session.opened"]) {
    const { body, flags } = await subscribe(["chat.said", topic]).answer();
    assert.deepEqual([flags, body.code], [Flags.response | Flags.error, "permission-denied"]);
    assert.match(String(body.message), new RegExp(`subscribing to ${topic.replace("*", "\\*")}`));
  }
  const { events } = bench.session.services;
  const tell = () => {
    events.publish("session.opened", () => ({ peer: "somebody" }));
    for (let said = 0; said < 300; said++) events.publish("transfer.begun", () => ({ said }));
    events.publish("chat.said", () => ({ text: "hello" }));
  };
  const subscribed = async (count: number) => {
    while (events.subscribers < count) await delay(1);
  };
  const streams = [subscribe(["*"])];
  await subscribed(1);
  become(bench, identityOf("read", "system"));
  streams.push(subscribe(["*"]), subscribe(["session.*"]));
  await subscribed(3);
  tell();
  events.close();
  const [blind = [], all = [], sessions = []] = await Promise.all(
    streams.map(async (stream) => await stream.answers() as unknown as ServerEvent[]),
  );
  assert.deepEqual(blind.map(({ topic }) => topic), ["events.subscribed", "chat.said"]);
  // Nobody is told of less than was lost.
  assert.deepEqual(blind.map(({ lost }) => lost), [undefined, all[1]?.lost]);
  assert.deepEqual(new Set(all.map(({ topic }) => topic)).size, 3);
  assert.deepEqual(sessions.map(({ topic }) => topic), ["events.subscribed", "session.opened"]);
});

Deno.test("Who may run one action sees that one, and cannot tell which others there are", async () => {
  const command = ["/nowhere/to/be/found"];
  await using runner = new ActionRunner({
    ...{ actions: { one: { command }, two: { command } }, limit: 4, mark: "test" },
  });
  const client = (...allow: Scope[]) =>
    ({
      session: { id: "s", peer: "p", agent: "a", identity: identityOf(...allow) },
      signal: new AbortController().signal,
    }) as unknown as ActionClient;
  const names = (...allow: Scope[]) => runner.list(client(...allow)).map(({ name }) => name);
  assert.deepEqual(names("action:one", "action:three"), ["one"]);
  assert.deepEqual(names("action:*"), ["one", "two"]);
  assert.deepEqual(names("admin"), ["one", "two"]);
  for (const name of ["two", "none"]) {
    await assert.rejects(runner.run({ name }, client("action:one", "read")), {
      code: "permission-denied",
      message: 'Not allowed: running this action needs the right "action:' +
        `${name}", which token "ci" does not have`,
    });
  }
  await assert.rejects(runner.run({ name: "none" }, client("action:*")), { code: "no-action" });
  await assert.rejects(runner.run({ name: "one" }, client("action:one")), { code: "cannot-run" });
});
