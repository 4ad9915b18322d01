import assert from "node:assert/strict";
import { Server, type ServerOptions } from "../../worker/mod.ts";
import "../fixtures/loaded_libc.ts";

const storage = { path: "/nowhere", staging: "/nowhere", receipts: "/nowhere", owner: "test" };

// I1: what is left out of a server's options opens no door.
Deno.test("Server.start() refuses options that are missing, unknown or empty", async () => {
  const options = {
    address: { hostname: "127.0.0.1", port: 0 },
    certificateFile: "/nowhere/cert.pem",
    privateKeyFile: "/nowhere/key.pem",
    token: "a-token",
    storage,
  };
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ token: "" }, /token must be a text that is not empty/],
    [{ tokens: {} }, /tokens must be a list/],
    [
      { tokens: [{ name: "a", digest: "b", allow: [] }] },
      /tokens\[0\] must have a name, the SHA-2/,
    ],
    [{ clientCertificates: {} }, /clientCertificates.caFile must be a text/],
    [{ clientCertificates: { caFile: "a" } }, /clientCertificates.clients must be an object/],
    [{ anonymous: true }, /anonymous must be an object with the keys allow, prefix/],
    [{ anonymous: { allow: ["all"] } }, /anonymous\.allow\.0 must be read, write, delete/],
    [{ token: undefined }, /token/],
    [{ address: undefined }, /address.hostname must be an IP address/],
    [{ address: { port: 4433 } }, /address.hostname/],
    [{ address: { hostname: "", port: 4433 } }, /address.hostname/],
    [{ address: { hostname: "localhost", port: 4433 } }, /address.hostname/],
    [{ address: { hostname: "127.0.0.1" } }, /address.port is missing/],
    [{ address: { hostname: "127.0.0.1", port: NaN } }, /address.port must be a whole number/],
    [{ certificateFile: "" }, /certificateFile/],
    [{ privateKeyFile: undefined }, /privateKeyFile/],
    [{ storage: undefined }, /storage must say where/],
    [{ storage: { ...storage, path: "" } }, /storage.path/],
    [{ storage: { ...storage, owner: undefined } }, /storage.owner/],
    [{ limits: { connections: NaN } }, /limits\.connections/],
    [{ limits: { connections: -1 } }, /limits\.connections/],
    [{ memoryBudgetBytes: 0 }, /memoryBudgetBytes/],
    [{ limits: { helloTimeoutMs: Infinity } }, /limits\.helloTimeoutMs/],
    [{ msquicPath: "" }, /msquicPath/],
    [{ spread: "most" }, /spread/],
    [{ spread: { load: 5, margin: 1 } }, /function load\(\)/],
    [{ spread: null }, /spread/],
    [{ maxSession: 5 }, /no option "maxSession"/],
  ];
  for (const [some, message] of wrong) {
    const starting = Server.start({ ...options, ...some } as unknown as ServerOptions);
    await assert.rejects(starting, { code: "invalid-option", message });
  }
});
