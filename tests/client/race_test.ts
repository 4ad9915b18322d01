import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay, whenAborted } from "../../base/mod.ts";
import { interleave, MOST_AT_ONCE, race } from "../../client/race.ts";
import { type Address, ConnectError, Connection } from "../../ffi/mod.ts";
import { QuicPair } from "../fixtures/quic_pair.ts";
import { withSilence } from "../fixtures/silence.ts";

const at = (hostname: string): Address => ({ hostname, port: 1 });
const unreachable = (name: string) => new ConnectError("unreachable", 113, `${name}: nobody there`);

/** An attempt that ends when it is given up. */
async function hang(signal: AbortSignal): Promise<never> {
  await whenAborted(signal);
  throw signal.reason;
}

Deno.test("interleave() takes the two families in turn, beginning with what the system prefers", () => {
  const order = (...hosts: string[]) => interleave(hosts.map(at)).map(({ hostname }) => hostname);
  assert.deepEqual(order(), []);
  assert.deepEqual(order("::1", "::2", "::3", "1.1.1.1"), ["::1", "1.1.1.1", "::2", "::3"]);
  assert.deepEqual(order("1.1.1.1", "::1", "::2", "fe80::1%lo"), [
    ...["1.1.1.1", "::1", "::2", "fe80::1%lo"],
  ]);
});

Deno.test("race() goes on at once after a failure", async () => {
  const winner = await race(
    [at("a"), at("b")],
    ({ hostname }) => hostname === "a" ? Promise.reject(unreachable("a")) : Promise.resolve("b"),
    { signal: new AbortController().signal, discard: () => {}, delayMs: 600_000 },
  );
  assert.equal(winner, "b");
});

Deno.test("race() goes on after 250 ms without an answer, and gives the loser up", async () => {
  const { promise: given, resolve: giveUp } = Promise.withResolvers<void>();
  const start = performance.now();
  const winner = await race([at("a"), at("b")], (address, signal) => {
    if (address.hostname === "b") return Promise.resolve(performance.now() - start);
    signal.addEventListener("abort", () => giveUp());
    return hang(signal);
  }, { signal: new AbortController().signal, discard: () => {} });
  assert.ok(winner >= 245, `${winner} ms`);
  await given;
});

Deno.test("race() ends what comes after another one has won", async () => {
  const { promise: discarded, resolve: discard } = Promise.withResolvers<string>();
  const winner = await race([at("slow"), at("fast")], async ({ hostname }) => {
    if (hostname === "slow") await delay(30);
    return hostname;
  }, { signal: new AbortController().signal, discard, delayMs: 1 });
  assert.deepEqual([winner, await discarded], ["fast", "slow"]);
});

Deno.test("race() tries only so many at once, and yet all of them", async () => {
  const hosts = Array.from({ length: MOST_AT_ONCE + 3 }, (_, index) => at(`h${index}`));
  const begun: string[] = [];
  let running = 0;
  let most = 0;
  const winner = await race(hosts, async ({ hostname }, signal) => {
    begun.push(hostname);
    most = Math.max(most, ++running);
    try {
      return hostname === hosts.at(-1)?.hostname ? hostname : await hang(signal);
    } finally {
      running--;
    }
  }, { signal: new AbortController().signal, discard: () => {}, delayMs: 2 });
  assert.equal(winner, hosts.at(-1)?.hostname);
  assert.deepEqual(begun, hosts.map(({ hostname }) => hostname));
  assert.ok(most <= MOST_AT_ONCE + 1, String(most)); // one that makes room is over a moment later
});

Deno.test("race() says why none answers, or what one of them has against it", async () => {
  const options = { signal: new AbortController().signal, discard: () => {} };
  const fail = (errors: Record<string, Error>) =>
    race(
      Object.keys(errors).map(at),
      ({ hostname }) => Promise.reject(errors[hostname]),
      options,
    );
  await assert.rejects(fail({ a: unreachable("a"), b: unreachable("b") }), {
    code: "connect-failed",
    message: "No server answers: a: nobody there; b: nobody there",
  });
  const alike = (server: string) =>
    new ConnectError("unreachable", 113, `Cannot connect to ${server}: nobody there; go away`);
  await assert.rejects(fail({ a: alike("[::1]:1"), b: alike("127.0.0.1:1") }), {
    message: "No server answers: Cannot connect to [::1]:1 and 127.0.0.1:1: nobody there; go away",
  });
  const wrong = new ConnectError("wrong-fingerprint", 1, "Cannot trust b");
  await assert.rejects(fail({ a: unreachable("a"), b: wrong, c: unreachable("c") }), wrong);
});

Deno.test("race() ends with its signal's reason, and everything with it", async () => {
  const controller = new AbortController();
  const { promise: given, resolve: giveUp } = Promise.withResolvers<void>();
  const racing = race([at("a")], (_, signal) => {
    signal.addEventListener("abort", () => giveUp());
    return hang(signal);
  }, { signal: controller.signal, discard: () => {} });
  const reason = new Error("Changed my mind");
  controller.abort(reason);
  await assert.rejects(racing, (error) => error === reason);
  await given;
});

Deno.test("race() gets past an address that never answers, without a word to it", async () => {
  await using pair = await QuicPair.open();
  await withSilence(async (port) => {
    const start = performance.now();
    const silent = { hostname: "127.0.0.1", port };
    await using connection = await race(
      [silent, pair.listener.address],
      (server, signal) =>
        Connection.connect(pair.registration, {
          configuration: pair.clientConfiguration(),
          server,
          signal,
        }),
      { signal: AbortSignal.timeout(10_000), discard: (late) => late.close() },
    );
    const ms = performance.now() - start;
    assert.equal(connection.remoteAddress.port, pair.listener.address.port);
    assert.ok(ms >= 245, `${ms} ms`);
  });
});
