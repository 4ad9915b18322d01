import assert from "node:assert/strict";
import {
  chooseTarget,
  findTarget,
  namedServer,
  targetEnvironment,
} from "../../../cli/files/target.ts";
import { UsageError } from "../../../cli/errors.ts";

const HERE = { hostname: "127.0.0.1", port: 4433 };
const THERE = { hostname: "192.0.2.1", port: 4433 };
const LOCAL = { servers: [HERE], token: "local-token", fingerprint: () => ["f1"] };

Deno.test("chooseTarget() uses the local manager's workers, token and fingerprint by default", () => {
  assert.deepEqual(chooseTarget({ insecure: false }, undefined, LOCAL, { token: "other-token" }), {
    servers: [HERE],
    token: "local-token",
    trust: { fingerprint: LOCAL.fingerprint },
  });
});

Deno.test("chooseTarget() never shows the local token to another server", () => {
  const flags = { insecure: false, fingerprint: "f2" };
  for (const named of [[THERE], [HERE, THERE]]) {
    const target = chooseTarget(flags, named, LOCAL, {});
    assert.deepEqual(target, { servers: named, trust: { fingerprint: "f2" } });
    assert.deepEqual(chooseTarget(flags, named, LOCAL, { token: "" }), target);
  }
  assert.equal(chooseTarget(flags, [THERE], LOCAL, { token: "their-token" }).token, "their-token");
});

Deno.test("chooseTarget() lets flags win", () => {
  const flags = { insecure: false, token: "t", fingerprint: "f2" };
  assert.deepEqual(chooseTarget(flags, undefined, LOCAL, { token: "other-token" }), {
    servers: [HERE],
    token: "t",
    trust: { fingerprint: "f2" },
  });
});

Deno.test("chooseTarget() takes a local worker that was named for one of its own", () => {
  for (const hostname of ["127.0.0.1", "localhost"]) {
    const named = [{ hostname, port: 4433 }];
    const target = chooseTarget({ insecure: false }, named, LOCAL, {});
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
    chooseTarget({ insecure: false }, named, local, {}).token;
  assert.equal(tokenOf({ ...LOCAL, onBothLoopbacks: true }), "local-token");
  assert.throws(() => tokenOf(LOCAL), UsageError);
});

Deno.test("chooseTarget() wants to know exactly one way to trust a foreign server", () => {
  const token = "t";
  const trustOf = (flags: { fingerprint?: string; ca?: string; insecure: boolean }) =>
    chooseTarget({ token, ...flags }, [THERE], undefined, {}).trust;
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
    const target = await findTarget({ ...flags, ...trust }, [THERE], {}, refuse, "x");
    assert.deepEqual([target.servers, target.token], [[THERE], "t"]);
  }
  const found = await findTarget(flags, undefined, {}, () => Promise.resolve(LOCAL), "x");
  assert.deepEqual(found, {
    servers: [HERE],
    token: "t",
    trust: { fingerprint: LOCAL.fingerprint },
  });
});

Deno.test("findTarget() does without a lookup that fails, if nothing depends on it", async () => {
  const flags = { fingerprint: "f", insecure: false };
  const target = await findTarget(flags, [THERE], { token: "env-token" }, lookInVain, "x");
  assert.deepEqual(target, { servers: [THERE], token: "env-token", trust: { fingerprint: "f" } });
});

Deno.test("findTarget() says what is missing when the lookup fails, and why it fails", async () => {
  const cases: [Parameters<typeof findTarget>[0], boolean, RegExp][] = [
    [
      { insecure: false },
      false,
      /give --server HOST:PORT or MSQUICD_SERVER, and --token or MSQUICD_TOKEN, and --fingerprint, --ca,/,
    ],
    [
      { insecure: true, token: "t" },
      false,
      /give --server HOST:PORT or MSQUICD_SERVER; .*failed: No home$/,
    ],
    [
      { insecure: false, token: "t" },
      true,
      /give --fingerprint, --ca, --insecure or MSQUICD_FINGERPRINT; /,
    ],
    [{ insecure: true }, true, /give --token or MSQUICD_TOKEN; /],
  ];
  for (const [flags, isNamed, message] of cases) {
    const finding = findTarget(flags, isNamed ? [THERE] : undefined, {}, lookInVain, "x");
    await assert.rejects(finding, { code: "no-state-directory", message });
  }
});

Deno.test("the environment names a server where neither flags nor an instance do", () => {
  const variables: Record<string, string> = {
    MSQUICD_SERVER: "host:1",
    MSQUICD_TOKEN: "t",
    MSQUICD_FINGERPRINT: "f",
  };
  const environment = targetEnvironment((name) => variables[name]);
  assert.deepEqual(environment, { server: "host:1", token: "t", fingerprint: "f" });
  assert.equal(targetEnvironment(() => "").server, undefined);
  assert.equal(namedServer({}, environment, false), "host:1");
  assert.equal(namedServer({ server: "other:2" }, environment, false), "other:2");
  assert.equal(namedServer({ instance: "mine" }, environment, false), undefined);
  assert.equal(namedServer({}, environment, true), undefined);
});

Deno.test("the environment's fingerprint is for servers that neither flags nor this machine know", () => {
  const environment = { token: "t", fingerprint: "env" };
  const trustOf = (
    flags: { ca?: string; fingerprint?: string; insecure: boolean },
    named = THERE,
  ) => chooseTarget(flags, [named], LOCAL, environment).trust;
  assert.deepEqual(trustOf({ insecure: false }), { fingerprint: "env" });
  assert.deepEqual(trustOf({ insecure: false, fingerprint: "f" }), { fingerprint: "f" });
  assert.deepEqual(trustOf({ insecure: false, ca: "ca.pem" }), { caFile: "ca.pem" });
  assert.deepEqual(trustOf({ insecure: true }), { insecure: true });
  assert.deepEqual(trustOf({ insecure: false }, HERE), { fingerprint: LOCAL.fingerprint });
});

Deno.test("findTarget() does with the environment alone", async () => {
  const environment = { token: "t", fingerprint: "f" };
  const target = await findTarget({ insecure: false }, [THERE], environment, lookInVain, "x");
  assert.deepEqual(target, { servers: [THERE], token: "t", trust: { fingerprint: "f" } });
});
