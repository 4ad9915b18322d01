import assert from "node:assert/strict";
import { join } from "node:path";
import {
  connect,
  type ConnectOptions,
  type GetOptions,
  type PutOptions,
} from "../../client/mod.ts";
import { credentialOf, type Trust } from "../../client/connect_options.ts";
import { get } from "../../client/get.ts";
import { put } from "../../client/put.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";

const FINGERPRINT = "ab".repeat(32);
/** Nobody is there; and nobody is asked, as nothing is to be opened. */
const BASE = { server: "127.0.0.1:1", token: "a-token" };

/** As a program in JavaScript can call it. */
function connectWith(options: unknown): Promise<unknown> {
  return connect(options as ConnectOptions);
}

// I1, and B6 for `fingerprint: undefined`.
Deno.test("connect() trusts nobody whom the options do not clearly name", async () => {
  const unclear: [unknown, RegExp][] = [
    [{}, /does not say which server to trust/],
    [{ fingerPrint: FINGERPRINT }, /no option "fingerPrint"; it is called fingerprint/],
    [{ CAFile: "ca.pem" }, /no option "CAFile"; it is called caFile/],
    [{ ca: "ca.pem" }, /no option "ca"; there are .*caFile/],
    [{ insecure: false }, /does not say which server to trust/],
    [{ insecure: undefined }, /does not say which server to trust/],
    [{ fingerprint: undefined }, /does not say which server to trust/],
    [{ caFile: undefined, fingerprint: undefined, insecure: false }, /does not say/],
    [{ insecure: 1 }, /insecure must be true/],
    [{ insecure: "false" }, /insecure must be true/],
    [{ insecure: null }, /insecure must be true/],
    [{ fingerprint: "" }, /fingerprint must be a text that is not empty/],
    [{ fingerprint: null }, /fingerprint must be a text/],
    [{ caFile: "" }, /caFile must be a text that is not empty/],
    [{ fingerprint: FINGERPRINT, insecure: true }, /says twice which server to trust/],
    [{ fingerprint: FINGERPRINT, caFile: "ca.pem" }, /says twice/],
    [{ caFile: "ca.pem", insecure: true }, /says twice/],
  ];
  for (const [trust, message] of unclear) {
    const options = { ...BASE, ...Object(trust) };
    await assert.rejects(connectWith(options), { code: "invalid-option", message });
  }
});

Deno.test("credentialOf() takes what is undefined for left out, beside one that is given", async () => {
  const trust = { fingerprint: FINGERPRINT, caFile: undefined, insecure: false };
  assert.deepEqual(await credentialOf(trust as unknown as Trust), {
    role: "client",
    fingerprint: FINGERPRINT,
  });
  assert.deepEqual(await credentialOf({ insecure: true }), { role: "client", insecure: true });
});

Deno.test("connect() refuses options that cannot be used before it opens anything", async () => {
  const fingerprint = FINGERPRINT;
  const wrong: [Record<string, unknown>, string, RegExp][] = [
    [{ token: "" }, "invalid-option", /token must be a text that is not empty/],
    [{ token: 5 as unknown as string }, "invalid-option", /token must be/],
    [{ token: "x".repeat(1025) }, "invalid-option", /token has 1025 characters, and 1024 are/],
    [{ timeoutMs: NaN }, "invalid-option", /timeoutMs must be a whole number from 1 to/],
    [{ timeoutMs: Infinity }, "invalid-option", /timeoutMs/],
    [{ timeoutMs: 0 }, "invalid-option", /timeoutMs/],
    [{ retryForMs: -1 }, "invalid-option", /retryForMs must be/],
    [{ waitForServerMs: 0.5 }, "invalid-option", /waitForServerMs must be/],
    [{ failover: 0 }, "invalid-option", /failover must be true or false/],
    [{ onConnection: true }, "invalid-option", /onConnection must be a function/],
    [{ agent: "" }, "invalid-option", /agent/],
    [{ signal: {} }, "invalid-option", /signal must be an AbortSignal/],
    [{ timeout: 5 }, "invalid-option", /no option "timeout"/],
    [{ server: undefined }, "invalid-address", /HOST:PORT/],
    [{ server: [] }, "invalid-address", /No server is named/],
    [{ server: "" }, "invalid-address", /HOST:PORT/],
    [{ server: { hostname: "", port: 1 } }, "invalid-address", /without its host/],
    [{ server: { hostname: "h" } }, "invalid-address", /Port undefined of "h"/],
    [{ server: { hostname: "h", port: NaN } }, "invalid-address", /Port NaN of "h"/],
    [{ server: ["h:1", undefined] }, "invalid-address", /without its host/],
  ];
  for (const [options, code, message] of wrong) {
    await assert.rejects(connectWith({ ...BASE, fingerprint, ...options }), { code, message });
  }
  for (const nothing of [undefined, null, "127.0.0.1:1"]) {
    await assert.rejects(connectWith(nothing), { code: "invalid-option" });
  }
});

// B6.
Deno.test("connect() says what is wrong with a caFile before it opens anything", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-authorities-" });
  try {
    const missing = join(directory, "none.pem");
    const message = new RegExp(`authorities in "${missing}": no such file`);
    await assert.rejects(connectWith({ ...BASE, caFile: missing }), { code: "not-found", message });
    for (const text of ["", "no certificate", "-----BEGIN PRIVATE KEY-----\n"]) {
      const caFile = join(directory, "odd.pem");
      await Deno.writeTextFile(caFile, text);
      await assert.rejects(connectWith({ ...BASE, caFile }), {
        code: "invalid-option",
        message: /has no certificate in PEM form/,
      });
    }
    using certificate = await makeTestCertificate();
    const { certificateFile: caFile } = certificate;
    assert.deepEqual(await credentialOf({ caFile }), { role: "client", caFile });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("put and get refuse options that do not exist, or mean nothing", async () => {
  const opener = { openStream: () => Promise.reject(new Error("Nothing is to be opened")) };
  const bytes = new Uint8Array(3);
  const wrong = [{ overwite: "always" }, { overwrite: "yes" }, { overwrite: null }];
  for (const options of wrong) {
    await assert.rejects(put(opener, bytes, "a", options as PutOptions), {
      code: "invalid-option",
    });
    await assert.rejects(get(opener, "a", "/nowhere/a", options as GetOptions), {
      code: "invalid-option",
    });
  }
  await assert.rejects(put(opener, bytes, undefined, {}), { code: "invalid-option" });
  await assert.rejects(put(opener, bytes, "a", { id: "7" }), { code: "invalid-option" });
});
