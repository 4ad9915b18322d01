import assert from "node:assert/strict";
import fc from "fast-check";
import { Route, waitBetweenRounds } from "../../client/failover.ts";
import type { Address } from "../../client/mod.ts";

const port = fc.integer({ min: 1, max: 6 });
const address = fc.record({ hostname: fc.constantFrom("a", "b"), port });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** What can happen to a route. */
const event = fc.oneof(
  fc.record({ type: fc.constant("arrived"), at: address, ports: fc.array(port) }),
  fc.record({ type: fc.constant("sentAway"), at: address, ports: fc.array(port) }),
  fc.record({ type: fc.constant("lost"), at: address, chance }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function apply(route: Route, event: Event): void {
  if ("chance" in event) route.lost(event.at, event.chance);
  else if (event.type === "arrived") route.arrived(event.at, event.ports);
  else route.sentAway(event.at, event.ports);
}

function texts(servers: readonly Address[]): string[] {
  return servers.map(({ hostname, port }) => `${hostname}:${port}`);
}

function on(hostname: string, ...ports: number[]): Address[] {
  return ports.map((port) => ({ hostname, port }));
}

Deno.test("Route names every server once, never forgets a named one, and leaves the left one to the end", () => {
  const named = fc.array(address, { minLength: 1 });
  fc.assert(fc.property(named, fc.array(event), (named, events) => {
    const route = new Route(named);
    for (const event of events) apply(route, event);
    const candidates = texts(route.candidates);
    assert.equal(new Set(candidates).size, candidates.length);
    for (const server of texts(named)) assert.ok(candidates.includes(server), server);
    const last = events.at(-1);
    if (last === undefined || last.type === "arrived") return;
    const left = texts([last.at])[0];
    assert.equal(candidates.at(-1), left);
    assert.deepEqual(texts(route.alternatives), candidates.slice(0, -1));
  }));
});

Deno.test("Route tries what the server told last before what the user named, in its order", () => {
  const route = new Route(on("a", 1, 2, 3));
  assert.deepEqual(route.candidates, on("a", 1, 2, 3));
  route.arrived({ hostname: "a", port: 1 }, [5, 4]);
  assert.deepEqual(route.candidates, on("a", 5, 4, 1, 2, 3));
  route.arrived({ hostname: "a", port: 4 });
  assert.deepEqual(route.candidates, on("a", 5, 4, 1, 2, 3));
  route.sentAway({ hostname: "a", port: 1 }, [3, 6]);
  assert.deepEqual(route.candidates, on("a", 3, 6, 2, 1));
  assert.deepEqual(route.alternatives, on("a", 3, 6, 2));
});

Deno.test("Route has a client that lost its server begin anywhere among those told", () => {
  const begins = [0, 0.4, 0.999].map((chance) => {
    const route = new Route(on("a", 1));
    route.arrived({ hostname: "a", port: 1 }, [2, 3, 4]);
    route.lost({ hostname: "a", port: 1 }, chance);
    return route.candidates;
  });
  assert.deepEqual(begins, [on("a", 2, 3, 4, 1), on("a", 3, 4, 2, 1), on("a", 4, 2, 3, 1)]);
});

Deno.test("waitBetweenRounds grows to a limit, and differs from client to client", () => {
  fc.assert(fc.property(fc.nat(2000), chance, (round, chance) => {
    const wait = waitBetweenRounds(round, chance);
    assert.ok(wait >= 25 && wait <= 3000, `${wait}`);
    assert.ok(waitBetweenRounds(round + 1, chance) >= wait);
  }));
  assert.equal(waitBetweenRounds(0, 0), 25);
  assert.equal(waitBetweenRounds(100, 0), 1500);
});
