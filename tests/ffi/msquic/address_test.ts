import "../../fixtures/loaded_libc.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import { InvalidOptionError } from "../../../base/mod.ts";
import { formatAddress } from "../../../ffi/mod.ts";
import { Addr, AddressFamily } from "../../../ffi/msquic/abi/mod.ts";
import {
  decodeAddressStruct,
  encodeAddress,
  encodeListenAddress,
} from "../../../ffi/msquic/address.ts";

const ports = fc.integer({ min: 0, max: 0xFFFF });

Deno.test("encodeAddress() and decodeAddressStruct() are each other's inverse", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), ports, (hostname, port) => {
    const decoded = decodeAddressStruct(encodeAddress({ hostname, port }));
    assert.equal(decoded.port, port);
    const canonical = hostname.includes(":")
      ? new URL(`http://[${hostname}]`).hostname.slice(1, -1)
      : hostname;
    assert.equal(decoded.hostname, canonical);
  }));
});

Deno.test("encodeAddress() refuses what is no address or port", () => {
  assert.throws(() => encodeAddress({ hostname: "localhost", port: 1 }), TypeError);
  assert.throws(() => encodeAddress({ hostname: "127.0.0.1%1", port: 1 }), TypeError);
  for (const hostname of ["fe80::1%no-such-interface", "fe80::1%", "fe80::1%99999999999"]) {
    assert.throws(() => encodeAddress({ hostname, port: 1 }), InvalidOptionError, hostname);
  }
  assert.throws(() => encodeAddress({ hostname: "127.0.0.1", port: 65_536 }), RangeError);
  assert.throws(() => encodeAddress({ hostname: "127.0.0.1", port: 1.5 }), RangeError);
});

Deno.test("encodeAddress() knows the zone of an IPv6 address by its number, and by its name", () => {
  const scopeOf = (zone: string) =>
    encodeAddress({ hostname: `fe80::1%${zone}`, port: 1 }).getUint32(Addr.ScopeId, true);
  assert.equal(scopeOf("7"), 7);
  if (Deno.build.os === "linux") assert.equal(scopeOf("lo"), 1);
  const decoded = decodeAddressStruct(encodeAddress({ hostname: "fe80::1%7", port: 1 }));
  assert.deepEqual(decoded, { hostname: "fe80::1%7", port: 1 });
});

Deno.test("encodeListenAddress() takes :: for every address, of both families", () => {
  const family = (hostname: string) =>
    encodeListenAddress({ hostname, port: 1 }).getUint16(Addr.Family, true);
  assert.equal(family("::"), AddressFamily.UNSPEC);
  assert.equal(family("0:0::0"), AddressFamily.UNSPEC);
  assert.equal(family("0.0.0.0"), AddressFamily.INET);
  assert.equal(family("::1"), AddressFamily.INET6);
  assert.deepEqual(decodeAddressStruct(encodeListenAddress({ hostname: "::", port: 5 })), {
    hostname: "::",
    port: 5,
  });
});

Deno.test("formatAddress() puts IPv6 into brackets", () => {
  assert.equal(formatAddress({ hostname: "127.0.0.1", port: 4433 }), "127.0.0.1:4433");
  assert.equal(formatAddress({ hostname: "::1", port: 4433 }), "[::1]:4433");
});
