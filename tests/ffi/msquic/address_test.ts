import assert from "node:assert/strict";
import fc from "fast-check";
import { formatAddress } from "../../../ffi/mod.ts";
import { decodeAddressStruct, encodeAddress } from "../../../ffi/msquic/address.ts";

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
  assert.throws(() => encodeAddress({ hostname: "fe80::1%eth0", port: 1 }), TypeError);
  assert.throws(() => encodeAddress({ hostname: "127.0.0.1", port: 65_536 }), RangeError);
  assert.throws(() => encodeAddress({ hostname: "127.0.0.1", port: 1.5 }), RangeError);
});

Deno.test("formatAddress() puts IPv6 into brackets", () => {
  assert.equal(formatAddress({ hostname: "127.0.0.1", port: 4433 }), "127.0.0.1:4433");
  assert.equal(formatAddress({ hostname: "::1", port: 4433 }), "[::1]:4433");
});
