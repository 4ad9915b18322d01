import assert from "node:assert/strict";
import { chooseTarget, findTarget, ownCertificate } from "../../../cli/files/connection_flags.ts";
import { UsageError } from "../../../cli/errors.ts";

const HERE = { hostname: "127.0.0.1", port: 4433 };
const THERE = { hostname: "192.0.2.1", port: 4433 };
const LOCAL = { servers: [HERE], token: "local-token", fingerprint: () => ["f1"] };

Deno.test("chooseTarget() uses the local manager's workers, token and fingerprint by default", () => {
  assert.deepEqual(chooseTarget({ insecure: false }, undefined, LOCAL, "other-token"), {
    servers: [HERE],
    token: "local-token",
    trust: { fingerprint: LOCAL.fingerprint },
  });
});

Deno.test("chooseTarget() never shows the local token to another server", () => {
  const flags = { insecure: false, fingerprint: "f2" };
  for (const named of [[THERE], [HERE, THERE]]) {
    const target = chooseTarget(flags, named, LOCAL, undefined);
    assert.deepEqual(target, { servers: named, trust: { fingerprint: "f2" } });
    assert.deepEqual(chooseTarget(flags, named, LOCAL, ""), target);
  }
  assert.equal(chooseTarget(flags, [THERE], LOCAL, "their-token").token, "their-token");
});

Deno.test("ownCertificate() takes both files, from flags or from the environment, or none", () => {
  const pair = { certificateFile: "c", privateKeyFile: "k" };
  const environment: Record<string, string> = { MSQUICD_CERT: "c", MSQUICD_KEY: "k" };
  const read = (name: string) => environment[name];
  const none = () => undefined;
  assert.deepEqual(ownCertificate({ cert: "c", key: "k" }, none), pair);
  assert.deepEqual(ownCertificate({}, read), pair);
  assert.deepEqual(ownCertificate({ key: "other" }, read), { ...pair, privateKeyFile: "other" });
  assert.deepEqual(ownCertificate({}, none), {});
  assert.deepEqual(ownCertificate({}, () => ""), {});
  assert.throws(() => ownCertificate({ cert: "c" }, none), UsageError);
  assert.throws(() => ownCertificate({ key: "k" }, none), UsageError);
});

Deno.test("chooseTarget() lets flags win", () => {
  const flags = { insecure: false, token: "t", fingerprint: "f2" };
  assert.deepEqual(chooseTarget(flags, undefined, LOCAL, "other-token"), {
    servers: [HERE],
    token: "t",
    trust: { fingerprint: "f2" },
  });
});

Deno.test("chooseTarget() takes a local worker that was named for one of its own", () => {
  for (const hostname of ["127.0.0.1", "localhost"]) {
    const named = [{ hostname, port: 4433 }];
    const target = chooseTarget({ insecure: false }, named, LOCAL, undefined);
    assert.deepEqual(target, {
      servers: named,
      token: "local-token",
      trust: { fingerprint: LOCAL.fingerprint },
    });
  }
});

Deno.test("chooseTarget() knows workers that listen on every address by both of loopback's", () => {
  const named = [{ hostname: "::1", port: 4433 }];
  const tokenOf = (local: typeof LOCAL & { onBothLoopbacks?: true }) =>
    chooseTarget({ insecure: false }, named, local, undefined).token;
  assert.equal(tokenOf({ ...LOCAL, onBothLoopbacks: true }), "local-token");
  assert.throws(() => tokenOf(LOCAL), UsageError);
});

Deno.test("chooseTarget() wants to know exactly one way to trust a foreign server", () => {
  const token = "t";
  const trustOf = (flags: { fingerprint?: string; ca?: string; insecure: boolean }) =>
    chooseTarget({ token, ...flags }, [THERE], undefined, undefined).trust;
  assert.deepEqual(trustOf({ insecure: true }), { insecure: true });
  assert.deepEqual(trustOf({ insecure: false, ca: "ca.pem" }), { caFile: "ca.pem" });
  assert.throws(() => trustOf({ insecure: false }), UsageError);
  assert.throws(() => trustOf({ insecure: true, ca: "ca.pem" }), UsageError);
  assert.throws(() => trustOf({ insecure: false, ca: "ca.pem", fingerprint: "f" }), UsageError);
});

/** Looks for the local instance where that cannot be done. */
function lookInVain(): Promise<never> {
  return Promise.reject(Object.assign(new Error("No home"), { code: "no-state-directory" }));
}

// B5.
Deno.test("findTarget() looks for the local instance only where something is missing", async () => {
  const flags = { token: "t", insecure: false };
  const refuse = () => assert.fail("It is not to be looked for");
  for (
    const trust of [{ fingerprint: "f" }, { ca: "ca.pem" }, { insecure: true }, {
      fingerprint: "f",
      insecure: false,
    }]
  ) {
    const target = await findTarget({ ...flags, ...trust }, [THERE], undefined, refuse, "x");
    assert.deepEqual([target.servers, target.token], [[THERE], "t"]);
  }
  const found = await findTarget(flags, undefined, undefined, () => Promise.resolve(LOCAL), "x");
  assert.deepEqual(found, {
    servers: [HERE],
    token: "t",
    trust: { fingerprint: LOCAL.fingerprint },
  });
});

Deno.test("findTarget() does without a lookup that fails, if nothing depends on it", async () => {
  const flags = { fingerprint: "f", insecure: false };
  const target = await findTarget(flags, [THERE], "env-token", lookInVain, "x");
  assert.deepEqual(target, { servers: [THERE], token: "env-token", trust: { fingerprint: "f" } });
});

Deno.test("findTarget() says what is missing when the lookup fails, and why it fails", async () => {
  const cases: [Parameters<typeof findTarget>[0], boolean, RegExp][] = [
    [
      { insecure: false },
      false,
      /give --server HOST:PORT, and --token or MSQUICD_TOKEN, and --fingerprint, --ca or/,
    ],
    [{ insecure: true, token: "t" }, false, /give --server HOST:PORT; .*failed: No home$/],
    [{ insecure: false, token: "t" }, true, /give --fingerprint, --ca or --insecure; /],
    [{ insecure: true }, true, /give --token or MSQUICD_TOKEN; /],
  ];
  for (const [flags, isNamed, message] of cases) {
    const finding = findTarget(flags, isNamed ? [THERE] : undefined, undefined, lookInVain, "x");
    await assert.rejects(finding, { code: "no-state-directory", message });
  }
});
