import assert from "node:assert/strict";
import { Places } from "../../../worker/limits/places.ts";

Deno.test("Places are as many as there may be, and come back", () => {
  const places = new Places({ connections: 2, connectionsPerAddress: 2 });
  const [one, two, three] = [{}, {}, {}];
  places.enter(one, "192.0.2.1");
  places.enter(two, "192.0.2.2");
  assert.ok(places.full);
  assert.throws(() => places.enter(three, "192.0.2.3"), {
    code: "server-full",
    retryAfterMs: 2000,
  });
  places.leave(three); // it has none
  places.leave(one);
  places.leave(one);
  assert.equal(places.size, 1);
  places.enter(three, "192.0.2.3");
});

Deno.test("Places of one network are bounded, and those of others are not touched", () => {
  const places = new Places({ connections: 10, connectionsPerAddress: 2 });
  const clients = ["2001:db8::1", "2001:db8::1:2", "192.0.2.1"].map((hostname) => ({ hostname }));
  for (const client of clients) places.enter(client, client.hostname);
  const refused = {
    code: "limit-reached",
    message: /2 clients of this address/,
    retryAfterMs: 2000,
  };
  assert.throws(() => places.enter({}, "2001:db8:0:0:ffff::"), refused);
  places.enter({}, "2001:db8:0:1::1");
  // Wherever it is by now: it goes from where it has come.
  clients[0]!.hostname = "192.0.2.7";
  places.leave(clients[0]!);
  places.enter({}, "2001:db8::9");
  assert.throws(() => places.enter({}, "2001:db8::9"), refused);
});
