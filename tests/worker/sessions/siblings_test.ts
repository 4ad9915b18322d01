import assert from "node:assert/strict";
import fc from "fast-check";
import { Siblings } from "../../../worker/sessions/siblings.ts";

function siblings(...sessions: number[]): Siblings {
  const known = new Siblings();
  known.update(sessions.map((count, at) => ({ port: 1 + at, sessions: count, transfers: 0 })));
  return known;
}

/** Sends a client of whom nothing more is heard. */
function ask(known: Siblings, sessions: number, nowMs = 0) {
  return known.directions({}, sessions, nowMs);
}

Deno.test("Siblings tells nothing before it knows, and then also that there are none", () => {
  assert.deepEqual(ask(new Siblings(), 1000), {});
  assert.deepEqual(ask(siblings(), 1000), { siblings: [] });
});

Deno.test("Siblings names them in the manager's order, and prefers the one with the fewest sessions", () => {
  const known = new Siblings();
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
  assert.equal(ask(siblings(4), 7).prefer, undefined);
  assert.equal(ask(siblings(4), 8).prefer, 1);
  assert.equal(ask(siblings(100), 111).prefer, undefined);
  assert.equal(ask(siblings(100), 112).prefer, 1);
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
    if (here >= 4) assert.ok(here <= 1.1 * Math.min(...after) + 3);
  }));
});

Deno.test("Siblings counts a client nowhere else that asks for something, or does not go", () => {
  const known = siblings(0);
  const client = {};
  assert.equal(known.directions(client, 4, 0).prefer, 1);
  // It has as good as gone.
  assert.equal(ask(known, 4, 0).prefer, undefined);
  known.stays(client);
  assert.equal(ask(known, 4, 0).prefer, 1);
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
    known: new Siblings(),
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
    } else if (!follows) first.known.stays(client);
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
    for (const load of trio.loads) assert.ok(load >= 17 && load <= 23, String(trio.loads));
  }));
});
