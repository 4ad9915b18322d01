import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Scope } from "../../../base/scopes.ts";
import type { TokenGrant } from "../../../base/token_grant.ts";
import { connect } from "../../../client/mod.ts";
import { builtinHandlers, defineHandler, HandlerRegistry } from "../../../handlers/messages/mod.ts";
import { defineMessage } from "../../../protocol/mod.ts";
import * as v from "valibot";
import { ExpiryClock } from "../../../worker/rights/expiry.ts";
import { Gate } from "../../../worker/rights/gate.ts";
import { within } from "../../ffi/within.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";

const NOTHING = v.object({});
const hang = defineMessage({
  ...{ type: 0x8000, name: "own.hang" },
  ...{ request: NOTHING, response: NOTHING },
});

function grant(token: string, allow: readonly Scope[], more: Partial<TokenGrant> = {}): TokenGrant {
  const digest = createHash("sha256").update(token).digest("hex");
  return { name: `name-of-${token}`, digest, allow, ...more };
}

function clientOf({ server, fingerprint }: Bench, token: string) {
  return connect({ server, fingerprint, token, timeoutMs: 10_000 });
}

Deno.test("A token lets in, and may do what it says and nothing else", async () => {
  const tokens = [grant("reader", ["read"]), grant("writer", ["write"])];
  await withServer(async (bench) => {
    await using writer = await clientOf(bench, "writer");
    await writer.put(new TextEncoder().encode("text"), "a.txt");
    await assert.rejects(Array.fromAsync(writer.list()), {
      code: "permission-denied",
      message: /"read"/,
    });
    await using reader = await clientOf(bench, "reader");
    assert.deepEqual((await Array.fromAsync(reader.list()))[0]?.name, "a.txt");
    await assert.rejects(reader.remove("a.txt"), {
      code: "permission-denied",
      message: /file\.delete needs the right "delete", which token "name-of-reader" does not have/,
    });
    await assert.rejects(reader.put(new Uint8Array(1), "b.txt"), /the right "write"/);
    await using owner = await clientOf(bench, bench.token);
    await owner.remove("a.txt");
    for (const wrong of ["nobody", tokens[0]!.digest, tokens[0]!.name]) {
      await assert.rejects(clientOf(bench, wrong), { code: "wrong-token" });
    }
  }, { tokens });
});

Deno.test("A token that is revoked ends its sessions with what is under way, and no others", async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const handlers = new HandlerRegistry([
    ...builtinHandlers(),
    defineHandler(hang, async (_request, { signal }) => {
      signal.addEventListener("abort", () => ended.resolve(), { once: true });
      begun.resolve();
      await ended.promise;
      return {};
    }),
  ]);
  const gone = grant("gone", ["read", "call:*"]);
  const stays = grant("stays", ["read"]);
  await withServer(async (bench) => {
    const { running } = bench;
    await using client = await clientOf(bench, "gone");
    await using other = await clientOf(bench, "stays");
    await using owner = await clientOf(bench, bench.token);
    const hanging = client.call(hang, {});
    hanging.catch(() => {});
    await begun.promise;
    // The same again changes nothing.
    assert.equal(running.updateTokens([{ ...stays }, { ...gone, allow: [...gone.allow] }]), 0);
    assert.equal(running.updateTokens([stays]), 1);
    await within(10_000, "the end of the request", ended.promise);
    await assert.rejects(hanging);
    const { errorCode } = await within(10_000, "the end of the session", client.ended);
    assert.equal(errorCode, 8);
    await assert.rejects(client.ping(), {
      code: "wrong-token",
      message: /has ended the session: its token was revoked or replaced, or has expired$/,
    });
    await assert.rejects(clientOf(bench, "gone"), { code: "wrong-token" });
    await other.ping();
    await owner.ping();
    const odd = [{ ...stays, allow: ["everything"] }] as unknown as TokenGrant[];
    assert.throws(() => running.updateTokens(odd), { code: "invalid-option" });
    await other.ping();
    // What a token allows is part of what it is.
    assert.equal(running.updateTokens([{ ...stays, allow: ["read", "write"] }]), 1);
    assert.equal(running.updateTokens([]), 0);
    await owner.ping();
  }, { handlers, tokens: [gone, stays] });
});

Deno.test("A token that expires ends its sessions then, and lets nobody in any more", async () => {
  await withServer(async (bench) => {
    const long = grant("long", ["read"], { expiresAt: Date.now() + 600_000 });
    bench.running.updateTokens([long]);
    await using other = await clientOf(bench, "long");
    await using client = await (async () => {
      for (let ms = 250;; ms *= 2) {
        const brief = grant("brief", ["read"], { expiresAt: Date.now() + ms });
        bench.running.updateTokens([long, brief]);
        const client = await clientOf(bench, "brief").catch(() => undefined);
        if (client !== undefined) return client;
      }
    })();
    const { errorCode } = await within(10_000, "the end of the session", client.ended);
    assert.equal(errorCode, 8);
    await other.ping();
    await assert.rejects(clientOf(bench, "brief"), {
      code: "wrong-token",
      message: /Token "name-of-brief" has expired; ask for another/,
    });
  });
});

Deno.test("Gate knows the owner whatever else there is, and each token by itself alone", () => {
  const gate = new Gate("the owner's", {
    tokens: [grant("one", ["read"]), grant("the owner's", [])],
  });
  assert.equal(gate.identify("the owner's")?.kind, "owner");
  const one = gate.identify("one")!;
  assert.deepEqual([one.kind, one.name, one.scopes], ["token", "name-of-one", ["read"]]);
  assert.equal(gate.identify("two"), undefined);
  assert.ok(gate.isGood(one, Date.now()));
  gate.update([grant("one", ["read"]), grant("two", ["write"])]);
  assert.equal(gate.identify("one"), one);
  gate.update([grant("one", ["read"], { expiresAt: 5 })]);
  assert.ok(!gate.isGood(one, 0));
  const limited = gate.identify("one")!;
  gate.update([grant("one", ["read"], { expiresAt: 5, prefix: "a" })]);
  assert.ok(!gate.isGood(limited, 4));
  gate.update([grant("one", ["read"], { expiresAt: 5, prefix: "b" })]);
  const confined = gate.identify("one")!;
  assert.equal(confined.prefix, "b");
  assert.ok(gate.isGood(confined, 4) && !gate.isGood(confined, 5));
  assert.deepEqual([gate.nextExpiry(4), gate.nextExpiry(5)], [5, Infinity]);
});

Deno.test("ExpiryClock looks again when a moment is far away, and says so once it is there", async () => {
  let expiry = Date.now() + 2 ** 40; // beyond what a timer takes
  let said = 0;
  const all = Promise.withResolvers<void>();
  using clock = new ExpiryClock((now) => expiry > now ? expiry : Infinity, () => {
    said++;
    all.resolve();
  });
  clock.set();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(said, 0);
  expiry = Date.now() + 20;
  clock.set();
  await within(10_000, "the moment", all.promise);
  assert.ok(Date.now() >= expiry);
  assert.equal(said, 1);
});
