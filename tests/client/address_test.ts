import assert from "node:assert/strict";
import { parseAddress, parseServers, resolveAddress } from "../../client/address.ts";
import { AddressError, NameResolutionError } from "../../client/errors.ts";

Deno.test("parseAddress() takes HOST:PORT apart", () => {
  const cases: [string, string, number][] = [
    ["127.0.0.1:4433", "127.0.0.1", 4433],
    ["[::1]:4433", "::1", 4433],
    ["[fe80::1%eth0]:4433", "fe80::1%eth0", 4433],
    ["example.org:65535", "example.org", 65535],
    ["localhost:1", "localhost", 1],
  ];
  for (const [text, hostname, port] of cases) {
    assert.deepEqual(parseAddress(text), { hostname, port });
  }
});

Deno.test("parseAddress() refuses what is no server, saying how to write one", () => {
  const bad = ["", "127.0.0.1", ":4433", "::1:4433", "[::1]", "a b:1", "host:", "host:x", "h:1:2"];
  for (const text of bad) {
    assert.throws(
      () => parseAddress(text),
      (error) => error instanceof AddressError && /HOST:PORT/.test(error.message),
      text,
    );
  }
  for (const text of ["host:0", "host:65536", "host:99999999999"]) {
    assert.throws(() => parseAddress(text), AddressError, text);
  }
});

Deno.test("parseServers() takes lists, and ports that belong to the host before", () => {
  const host = "127.0.0.1";
  assert.deepEqual(parseServers("127.0.0.1:1,2, [::1]:3,4"), [
    { hostname: host, port: 1 },
    { hostname: host, port: 2 },
    { hostname: "::1", port: 3 },
    { hostname: "::1", port: 4 },
  ]);
  const address = { hostname: host, port: 9 };
  assert.deepEqual(parseServers(address), [address]);
  assert.deepEqual(parseServers([address, "a:1"]), [address, { hostname: "a", port: 1 }]);
});

Deno.test("parseServers() wants to know through which interface an address of the link is reached", () => {
  for (const server of ["[fe80::1]:1", { hostname: "FEBF::2", port: 1 }]) {
    assert.throws(() => parseServers(server), { code: "invalid-address", message: /%eth0/ });
  }
});

Deno.test("parseServers() refuses an empty list and a port without a host", () => {
  for (const servers of [[], "", "4433", "a:1,,b:2"]) {
    assert.throws(() => parseServers(servers), AddressError, JSON.stringify(servers));
  }
});

Deno.test("resolveAddress() returns a literal as it is, and looks names up", async () => {
  const literal = { hostname: "::1", port: 5 };
  assert.deepEqual(await resolveAddress(literal), [literal]);
  const found = await resolveAddress({ hostname: "localhost", port: 7 });
  assert.ok(found.length > 0);
  for (const { hostname, port } of found) {
    assert.match(hostname, /^(127\.|::1$)/);
    assert.equal(port, 7);
  }
});

Deno.test("resolveAddress() names a host that does not exist", async () => {
  await assert.rejects(
    resolveAddress({ hostname: "no-such-host.invalid", port: 1 }),
    (error) => error instanceof NameResolutionError && /no-such-host\.invalid/.test(error.message),
  );
});
