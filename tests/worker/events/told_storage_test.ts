import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect, type SubscribedEvent } from "../../../client/mod.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";

type Told = Pick<SubscribedEvent, "topic" | "body">;

/** Takes what is told until a file of some name is stored. */
async function toldUntil(events: AsyncIterable<SubscribedEvent>, last: string): Promise<Told[]> {
  const told: Told[] = [];
  for await (const { topic, body } of events) {
    if (body.name === last) return told;
    told.push({ topic, body });
  }
  return assert.fail("The subscription has ended");
}

function clientOf({ server, fingerprint }: Bench, token: string) {
  return connect({ server, fingerprint, token });
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

const bytes = (length: number) => new Uint8Array(length);

Deno.test("Subscribers hear what becomes of files, in whichever way it does", async () => {
  await withServer(async (bench) => {
    await using client = await clientOf(bench, bench.token);
    await using watcher = await clientOf(bench, bench.token);
    const events = watcher.subscribe(["file.*"]);
    await events.begun;
    await client.put(bytes(3), "small");
    await client.put(bytes(3_000_000), "large");
    const many = [{ source: bytes(1), name: "many" }, { source: bytes(2), name: "bad:" }];
    for await (const _ of client.putMany(many));
    const source = new Blob(["piped"]).stream().getReader();
    await client.putStream({
      async read(buffer) {
        const { value } = await source.read();
        if (value === undefined) return null;
        buffer.set(value);
        return value.length;
      },
    }, "piped");
    await client.makeDirectory("d");
    await client.makeDirectory("d");
    await client.move("small", "d/small");
    await client.remove("d/small");
    await assert.rejects(client.remove("none"));
    await assert.rejects(client.put(bytes(4), "large"));
    await client.put(bytes(1), "last");
    assert.deepEqual(await toldUntil(events, "last"), [
      { topic: "file.stored", body: { name: "small", size: 3 } },
      { topic: "file.stored", body: { name: "large", size: 3_000_000 } },
      { topic: "file.stored", body: { name: "many", size: 1 } },
      { topic: "file.stored", body: { name: "piped", size: 5 } },
      { topic: "file.made", body: { name: "d" } },
      { topic: "file.moved", body: { name: "small", to: "d/small" } },
      { topic: "file.removed", body: { name: "d/small" } },
    ]);
  });
});

Deno.test("Who is confined to a directory hears of files there alone, and of those that come and go", async () => {
  const token = "a-token-for-a-part-of-it";
  await withServer(async (bench) => {
    await using owner = await clientOf(bench, bench.token);
    await using confined = await clientOf(bench, token);
    for (const topics of [["file.*"], ["*"]]) {
      const events = confined.subscribe(topics);
      await events.begun;
      const name = (text: string) => `${text}-${topics[0]?.length}`;
      await owner.put(bytes(1), name("private/a"));
      await owner.move(name("private/a"), name("private/b"));
      await owner.put(bytes(1), name("shared-not/a"));
      await owner.move(name("private/b"), name("shared/b"));
      await owner.move(name("shared/b"), name("shared/c"));
      await owner.move(name("shared/c"), name("private/c"));
      await owner.remove(name("private/c"));
      await owner.put(bytes(1), name("shared/last"));
      assert.deepEqual(await toldUntil(events, name("shared/last")), [
        { topic: "file.stored", body: { name: name("shared/b") } },
        { topic: "file.moved", body: { name: name("shared/b"), to: name("shared/c") } },
        { topic: "file.removed", body: { name: name("shared/c") } },
      ]);
    }
  }, {
    tokens: [
      { name: "part", digest: digestOf(token), allow: ["read"], prefix: "shared" },
    ],
  });
});
