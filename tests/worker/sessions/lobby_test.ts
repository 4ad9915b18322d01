import assert from "node:assert/strict";
import { type Guest, Lobby } from "../../../worker/sessions/lobby.ts";

/** Clients that leave when they are sent off, as far as this is told here. */
class Guests {
  readonly lobby = new Lobby({ guests: 6, perNetwork: 3 });
  readonly sentOff: string[] = [];

  enter(hostname: string, name = hostname): Guest {
    const guest = { hostname, sendOff: () => void this.sentOff.push(name) };
    this.lobby.enter(guest);
    return guest;
  }
}

Deno.test("Lobby sends the oldest of a network off that has its share", () => {
  const guests = new Guests();
  const patient = guests.enter("192.0.2.1", "patient");
  for (let guest = 0; guest < 5; guest++) guests.enter("192.0.2.2", String(guest));
  assert.deepEqual(guests.sentOff, ["0", "1"]);
  assert.equal(guests.lobby.size, 4);
  guests.lobby.leave(patient);
  assert.equal(guests.lobby.size, 3);
});

Deno.test("Lobby sends the oldest of all off when it is full", () => {
  const guests = new Guests();
  for (let guest = 1; guest <= 8; guest++) guests.enter(`192.0.2.${guest}`);
  assert.deepEqual(guests.sentOff, ["192.0.2.1", "192.0.2.2"]);
  assert.equal(guests.lobby.size, 6);
});

Deno.test("Lobby forgets those who leave, however often", () => {
  const guests = new Guests();
  const all = [1, 2, 3].map((guest) => guests.enter("192.0.2.1", String(guest)));
  for (const guest of [...all, ...all]) guests.lobby.leave(guest);
  assert.equal(guests.lobby.size, 0);
  for (let guest = 4; guest <= 6; guest++) guests.enter("192.0.2.1", String(guest));
  assert.deepEqual(guests.sentOff, []);
});

Deno.test("Lobby takes what has the same first 64 bits for one network", () => {
  const same = ["2001:db8::1", "2001:db8:0:0:1:2:3:4", "2001:db8::9:0:0:7", "2001:db8:0::8"];
  const others = ["2001:db8:0:1::1", "::1", "2001:db8:1::", "::ffff:192.0.2.1"];
  const guests = new Guests();
  for (const hostname of same) guests.enter(hostname);
  assert.deepEqual(guests.sentOff, ["2001:db8::1"]);
  const apart = new Guests();
  for (const hostname of [...same.slice(1), ...others.slice(1)]) apart.enter(hostname);
  assert.deepEqual(apart.sentOff, []);
});
