import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { TokenGrant } from "../../base/token_grant.ts";
import { Quotas } from "../../transfer/storage/quotas.ts";
import { mayMount, mountPlain } from "../fixtures/mounts.ts";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";
import { stored } from "./usage_of.ts";

const EXCEEDED = { name: "RemoteError", code: "quota-exceeded" };

/** A token that may do everything, and store so much. */
function tokenOf(name: string, quotaBytes?: number): TokenGrant {
  const digest = createHash("sha256").update(name.repeat(20)).digest("hex");
  return { name, digest, allow: ["admin"], ...(quotaBytes === undefined ? {} : { quotaBytes }) };
}

Deno.test({
  name:
    "A token's quota counts what it has stored, wherever that is by now, and until others replace it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using bench = await ResumeBench.open();
    const quotas = [new Quotas(), new Quotas()];
    const serve = (index: number) => {
      const tokens = [tokenOf("one"), tokenOf("two", 4 * MIB)];
      return bench.serve(undefined, { quotas: quotas[index]! }, tokens);
    };
    const servers = [await serve(0), await serve(1)] as const;
    const [one, two, other] = [
      await bench.connect(servers[0], "one".repeat(20)),
      await bench.connect(servers[0], "two".repeat(20)),
      await bench.connect(servers[1], "two".repeat(20)),
    ];
    const used = async () =>
      Object.fromEntries(
        Object.entries(await stored(bench)).map(([key, bytes]) => [key, bytes / MIB]),
      );
    await one.put(randomData(3 * MIB), "first", { part: newId() });
    await two.put(randomData(3 * MIB), "second", { part: newId() });
    const refused = other.put(randomData(2 * MIB), "third", { part: newId() });
    await assert.rejects(refused, {
      ...EXCEEDED,
      message: /the quota of token "two": 3 MiB of 4 MiB are used; 1 MiB missing/,
      missingBytes: MIB,
    });
    await assert.rejects(other.put(randomData(1.01 * MIB), "third"), EXCEEDED);
    assert.deepEqual(await used(), { "t:two": 3 });
    // It stays theirs under another name, and is theirs no more when another one replaces it.
    await one.move("second", "moved/second");
    assert.deepEqual(await used(), { "t:two": 3 });
    await one.put(randomData(10), "moved/second", { overwrite: "always" });
    assert.deepEqual(await used(), { "t:two": 0 });
    await two.put(randomData(MIB), "first", { overwrite: "always", part: newId() });
    const small = Array.from({ length: 10 }, (_, index) => ({
      ...{ name: `small/${index}`, source: randomData(MIB / 32) },
    }));
    for await (const result of other.putMany(small)) assert.ok("result" in result);
    assert.deepEqual(await used(), { "t:two": 1 + 10 / 32 });
    await one.remove("first");
    assert.deepEqual(await used(), { "t:two": 10 / 32 });

    // Another one counts what was stored before.
    for (const server of servers) server.updateTokens([tokenOf("one", 2 * MIB), tokenOf("two")]);
    await one.put(randomData(MIB), "fourth", { part: newId() });
    assert.deepEqual((await used())["t:one"], 1 + 10 / MIB);
    await assert.rejects(one.put(randomData(MIB), "fifth", { part: newId() }), EXCEEDED);
    await two.put(randomData(5 * MIB), "sixth", { part: newId() });
    for (const server of servers) server.updateTokens([tokenOf("one"), tokenOf("two")]);
    await one.put(randomData(3 * MIB), "fifth", { part: newId() });
    assert.deepEqual(bench.staged(), []);
  },
});

Deno.test({
  name:
    "A token with a quota stores nothing where it cannot be noted whose a file is, and is told so",
  ignore: !mayMount,
  async fn() {
    await using bench = await ResumeBench.open();
    await using disk = await mountPlain(bench.root);
    if (disk === undefined) return;
    const tokens = [tokenOf("one"), tokenOf("two", MIB)];
    const server = await bench.serve(undefined, { quotas: new Quotas({ a: 2 * MIB }) }, tokens);
    const [one, two] = [
      await bench.connect(server, "one".repeat(20)),
      await bench.connect(server, "two".repeat(20)),
    ];
    for (const size of [10, 2 * MIB]) {
      await assert.rejects(two.put(randomData(size), `${size}`), {
        code: "permission-denied",
        message:
          /with a token that has a quota: the server's disk there cannot note whose a file is/,
      });
      await one.put(randomData(size), "x", { overwrite: "always" });
    }
    await one.put(randomData(1.5 * MIB), "a/x", { part: newId() });
    await assert.rejects(one.put(randomData(MIB), "a/y"), EXCEEDED);
    assert.deepEqual(bench.staged(), []);
  },
});

Deno.test("quotas() tells of those that bound a client, and of no other directory or token", async () => {
  await using bench = await ResumeBench.open();
  const quotas = new Quotas({ "/": 9, a: 8, "a/b": 7, "a/b/c": 6, "a/x": 5, y: 4 });
  const tokens = [
    { ...tokenOf("one", Deno.build.os === "linux" ? 3 : undefined), prefix: "a/b" },
    tokenOf("two", 2),
  ];
  const server = await bench.serve(undefined, { quotas }, tokens);
  const told = async (token?: string) =>
    (await (await bench.connect(server, token)).quotas()).map(({ of, name }) => `${of} ${name}`);
  const confined = ["directory /", "directory a", "directory a/b", "directory a/b/c"];
  const own = Deno.build.os === "linux" ? ["token one"] : [];
  assert.deepEqual(await told("one".repeat(20)), [...confined, ...own]);
  assert.deepEqual(await told(), [...confined, "directory a/x", "directory y"]);
});
