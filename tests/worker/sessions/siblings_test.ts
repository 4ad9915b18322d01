import assert from "node:assert/strict";
import fc from "fast-check";
import { Siblings } from "../../../worker/sessions/siblings.ts";
import { SESSIONS, STRATEGIES } from "../../../worker/spread/strategy.ts";

function siblings(...sessions: number[]): Siblings {
  const known = new Siblings(SESSIONS);
  known.update(sessions.map((count, at) => ({ port: 1 + at, sessions: count, transfers: 0 })));
  return known;
}

/** Sends a client of whom nothing more is heard. */
function ask(known: Siblings, sessions: number, nowMs = 0) {
  return known.directions({}, sessions, nowMs);
}

Deno.test("Siblings tells nothing before it knows, and then also that there are none", () => {
  assert.deepEqual(ask(new Siblings(SESSIONS), 1000), {});
  assert.deepEqual(ask(siblings(), 1000), { siblings: [] });
});

Deno.test("Siblings names them in the manager's order, and prefers the one with the fewest sessions", () => {
  const known = new Siblings(SESSIONS);
  known.update([
    { port: 1, sessions: 3, transfers: 0 },
    { port: 2, sessions: 1, transfers: 1 },
    { port: 3, sessions: 1, transfers: 2 },
  ]);
  assert.deepEqual(known.ports, [1, 2, 3]);
  assert.deepEqual(ask(known, 3), { siblings: [1, 2, 3] });
  const preferred = Array.from({ length: 3 }, () => ask(known, 12).prefer);
  assert.deepEqual(preferred, [2, 3, 2]);
});

Deno.test("Siblings sends no client elsewhere from a worker that has little to do, or not much more", () => {
  assert.equal(ask(siblings(0), 3).prefer, undefined);
  assert.equal(ask(siblings(0), 4).prefer, 1);
  assert.equal(ask(siblings(4), 6).prefer, undefined);
  assert.equal(ask(siblings(4), 7).prefer, 1);
  assert.equal(ask(siblings(100), 106).prefer, undefined);
  assert.equal(ask(siblings(100), 107).prefer, 1);
});

Deno.test("Siblings spreads clients that come at once, and sends none back", () => {
  const loads = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(loads, fc.nat(300), (loads, here) => {
    const known = siblings(...loads);
    const after = [...loads];
    for (;; here--) {
      const client = {};
      const { prefer } = known.directions(client, here, 0);
      if (prefer === undefined) break;
      const there = ++after[prefer - 1]!;
      assert.ok(there < here);
      assert.equal(ask(siblings(here), there).prefer, undefined);
      assert.equal(there - 1, Math.min(...after.with(prefer - 1, there - 1)));
      known.left(client, 0);
    }
    if (here >= 4) assert.ok(here <= 1.05 * Math.min(...after) + 2);
  }));
});

Deno.test("Siblings counts a client here again that does not go", () => {
  const known = siblings(0);
  assert.equal(ask(known, 4, 0).prefer, 1);
  // It has as good as gone.
  assert.equal(ask(known, 4, 0).prefer, undefined);
  assert.equal(ask(known, 4, 1999).prefer, undefined);
  assert.equal(ask(known, 4, 2000).prefer, 1);
});

Deno.test("Siblings counts a client that has gone elsewhere until it is reported, or should be", () => {
  const loads = [{ port: 1, sessions: 0, transfers: 0 }];
  for (const reported of [true, false]) {
    const known = siblings(0);
    for (let gone = 0; gone < 9; gone++) {
      const client = {};
      assert.equal(known.directions(client, 99, 0).prefer, 1);
      known.left(client, 0);
    }
    assert.equal(ask(known, 10, 999).prefer, undefined);
    if (reported) known.update(loads);
    assert.equal(ask(known, 10, reported ? 999 : 1000).prefer, 1);
  }
});

/** Three workers, a manager that tells them of each other, and a clock. */
class Trio {
  readonly #workers = [1, 2, 3].map((port) => ({
    port,
    clients: new Set<object>(),
    known: new Siblings(SESSIONS),
  }));
  #nowMs = 0;

  constructor() {
    this.#report();
  }

  get loads(): number[] {
    return this.#workers.map(({ clients }) => clients.size);
  }

  /** A client comes to the first worker; one that follows goes where that sends it. */
  come(follows: boolean): () => void {
    const client = {};
    const [first] = this.#workers;
    assert.ok(first);
    first.clients.add(client);
    const { prefer } = first.known.directions(client, first.clients.size, this.#nowMs);
    const home = follows && prefer !== undefined ? this.#workers[prefer - 1]! : first;
    if (home !== first) {
      home.clients.add(client);
      home.known.directions(client, home.clients.size, this.#nowMs);
      this.#leave(first, client);
    }
    return () => this.#leave(home, client);
  }

  pass(ms: number): void {
    for (let past = 0; past < ms; past += 250) {
      this.#nowMs += 250;
      this.#report();
    }
  }

  #leave(worker: { clients: Set<object>; known: Siblings }, client: object): void {
    worker.clients.delete(client);
    worker.known.left(client, this.#nowMs);
  }

  #report(): void {
    for (const { known, port } of this.#workers) {
      known.update(
        this.#workers.filter((other) => other.port !== port)
          .map(({ port, clients }) => ({ port, sessions: clients.size, transfers: 0 })),
      );
    }
  }
}

// J6
Deno.test("Siblings spreads equal clients evenly, whoever came and went before", () => {
  const wave = fc.record({ clients: fc.nat(100), follow: fc.boolean(), ms: fc.nat(2000) });
  fc.assert(fc.property(fc.array(wave, { maxLength: 5 }), (waves) => {
    const trio = new Trio();
    for (const { clients, follow, ms } of waves) {
      const leave = Array.from({ length: clients }, () => trio.come(follow));
      trio.pass(ms);
      for (const go of leave) go();
    }
    trio.pass(250);
    for (let client = 0; client < 60; client++) trio.come(true);
    const { loads } = trio;
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 2, String(loads));
  }));
});

/** Workers with as many sessions, transfers and bytes in a second. */
function measured(strategy: keyof typeof STRATEGIES, own: Load, ...others: Load[]): Siblings {
  const known = new Siblings(STRATEGIES[strategy]);
  const load = ({ sessions, mb = 0, cpu = 0 }: Load, at: number) => ({
    ...{ port: at, sessions, transfers: 0, cpuPercent: cpu },
    bytesPerSecond: mb * 1_000_000,
  });
  known.update(others.map((other, at) => load(other, 1 + at)), load(own, 9));
  return known;
}

interface Load {
  sessions: number;
  mb?: number;
  cpu?: number;
}

Deno.test("Siblings goes by bytes, by the processor or by nothing, where it is told to", () => {
  const idle = { sessions: 20 };
  const busy = { sessions: 5, mb: 100, cpu: 90 };
  for (const strategy of ["transfers", "processor"] as const) {
    // However few clients it is that keep this one busy.
    assert.equal(ask(measured(strategy, busy, idle), 5).prefer, 1, strategy);
    // Nobody is sent to one that is busier, however few it has.
    assert.equal(ask(measured(strategy, idle, busy), 20).prefer, undefined, strategy);
    // Of those that have as much to do, the one with the fewest.
    assert.equal(ask(measured(strategy, busy, busy, idle, { sessions: 19, mb: 1 }), 5).prefer, 3);
    // Where all have, as by sessions.
    assert.equal(ask(measured(strategy, idle, { sessions: 2, mb: 2 }), 20).prefer, 1, strategy);
    // Whoever is alone stays alone, and keeps what it does.
    assert.equal(ask(measured(strategy, busy, idle), 1).prefer, undefined, strategy);
  }
  assert.equal(ask(measured("sessions", busy, idle), 5).prefer, undefined);
  assert.deepEqual(ask(measured("none", { sessions: 60 }, { sessions: 0 }), 60), { siblings: [1] });
});

Deno.test("Siblings takes a measure of one's own, and nothing that is none", () => {
  const byTransfers = { load: ({ transfers }: { transfers: number }) => transfers, margin: 1 };
  const known = new Siblings(byTransfers);
  const own = { port: 9, sessions: 3, transfers: 5 };
  known.update([{ port: 1, sessions: 30, transfers: 0 }], own);
  assert.equal(ask(known, 3).prefer, 1);
  for (const load of [NaN, -1, Infinity]) {
    const odd = new Siblings({ load: () => load, margin: 0 });
    odd.update([{ port: 1, sessions: 0, transfers: 0 }], own);
    assert.equal(ask(odd, 4).prefer, 1);
  }
});

Deno.test("Siblings has clients asked to go where this worker has been much busier for a while", () => {
  const known = siblings(10);
  assert.equal(known.relief(23, 0), undefined);
  assert.equal(known.relief(24, 0), undefined); // not for long
  assert.equal(known.relief(24, 4999), undefined);
  assert.equal(known.relief(24, 5000), 1);
  known.sent({}, 1, 5000);
  assert.equal(known.relief(24, 5001), undefined); // one is on its way
  assert.equal(known.relief(30, 6000), undefined); // it begins anew
  assert.equal(known.relief(30, 11_000), 1);
  const busy = measured("transfers", { sessions: 2, mb: 100 }, { sessions: 40 });
  busy.relief(2, 0);
  assert.equal(busy.relief(2, 5000), 1);
  assert.equal(busy.relief(1, 5000), undefined);
  const none = measured("none", { sessions: 200 }, { sessions: 0 });
  none.relief(200, 0);
  assert.equal(none.relief(200, 5000), undefined);
});
