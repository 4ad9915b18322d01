import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import {
  InvalidInstanceError,
  InvalidOptionError,
  Manager,
  type ManagerConfig,
  type ManagerOptions,
  resolveConfig,
  StateDirectory,
} from "../../../manager/mod.ts";
import { DEFAULT_LIMITS } from "../../../base/server_limits.ts";
import "../../fixtures/loaded_libc.ts";

Deno.test("resolveConfig() has a default for everything", () => {
  assert.deepEqual(resolveConfig(), {
    instance: "default",
    host: "127.0.0.1",
    ports: { kind: "from-base", base: 4433, count: 3 },
    root: join(Deno.cwd(), "storage"),
    logLevel: "info",
    logFormat: "pretty",
    startDeadlineMs: 10_000,
    readyDeadlineMs: 10_000,
    stallDeadlineMs: 5000,
    stopDeadlineMs: 10_000,
    drainDeadlineMs: 30_000,
    restart: {
      initialDelayMs: 100,
      maxDelayMs: 30_000,
      jitter: 0.5,
      stableAfterMs: 10_000,
      intensity: 10,
      periodMs: 60_000,
      doNotRestartExitCodes: [],
    },
    overrides: new Map(),
    onManagerLoss: "drain",
    clients: {},
    actions: {},
    maxActions: 4,
    keptUploads: { count: 1000, bytes: 64 * 2 ** 30 },
    durability: "full",
    handlers: [],
    tasks: [],
    requests: { deadlineMs: 30_000, perSession: 64, perType: 1000 },
    limits: DEFAULT_LIMITS,
    congestionControl: "bbr",
    idleTimeoutMs: 30_000,
    keepAliveMs: 0,
    spread: "sessions",
    certificateNames: [],
    quotas: {},
    allowedNames: [],
    limitRate: "none",
    hooks: {},
  });
});

Deno.test("resolveConfig() takes what is given", () => {
  const root = resolve("/x");
  const config = resolveConfig({ host: "[::1]", ports: "5000-5001", logLevel: "warn", root });
  assert.equal(config.host, "::1");
  assert.deepEqual(config.ports, { kind: "explicit", ports: [5000, 5001] });
  assert.equal(config.logLevel, "warning");
  assert.equal(config.root, root);
  assert.equal(resolveConfig({ host: "localhost" }).host, "127.0.0.1");
  assert.deepEqual(resolveConfig({ workers: 1 }).ports, {
    kind: "from-base",
    base: 4433,
    count: 1,
  });
});

Deno.test("resolveConfig() refuses what makes no sense", () => {
  const wrong = [
    { host: "example.org" },
    { host: "" },
    { host: "127.0.0.1:4433" },
    { workers: 0 },
    { workers: 1.5 },
    { workers: 257 },
    { workers: 2, ports: "4433" },
    { stopDeadlineMs: -1 },
    { startDeadlineMs: NaN },
    { certificateFile: "cert.pem" },
    { privateKeyFile: "key.pem" },
    { certificateFile: "cert.pem", privateKeyFile: "key.pem", certificateNames: ["a"] },
    { certificateNames: ["a b"] },
  ];
  for (const flags of wrong) {
    assert.throws(() => resolveConfig(flags), InvalidOptionError, JSON.stringify(flags));
  }
  assert.throws(() => resolveConfig({ logLevel: "loud" }), /log level "loud"/);
  assert.throws(() => resolveConfig({ logFormat: "xml" }), /log format "xml"/);
});

// I1: what is left out, or empty, is never the dangerous choice.
Deno.test("resolveConfig() refuses what is misspelt, empty or no number at all", () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ root: "" }, /root must be a text that is not empty/],
    [{ msquicPath: "" }, /msquicPath must be a text/],
    [{ hosts: "127.0.0.1" }, /no option "hosts"/],
    [{ Root: "/x" }, /no option "Root"; it is called root/],
    [{ stopDeadlineMs: Infinity }, /stopDeadlineMs must be a number from 0 to/],
    [{ stopDeadlineMs: "5" }, /stopDeadlineMs/],
    [{ onManagerLoss: "stay" }, /onManagerLoss must be "drain" or "keep", not "stay"/],
    [{ portPolicy: "" }, /portPolicy must be "skip" or "refuse"/],
    [{ restart: { intensity: NaN } }, /intensity must be a whole number from 0 to 10000/],
    [{ restart: { periodMs: 0 } }, /periodMs/],
    [{ restart: { jitter: NaN } }, /jitter must be a number from 0 to 1/],
    [{ restart: { intensty: 1 } }, /no option "intensty"/],
    [{ restart: { doNotRestartExitCodes: 3 } }, /doNotRestartExitCodes must be a list/],
    [{ overrides: { 4433: {} } }, /overrides must be a Map/],
    [{ overrides: new Map([[4433, { restart: { intensity: -1 } }]]) }, /intensity/],
  ];
  for (const [flags, message] of wrong) {
    assert.throws(() => resolveConfig(flags), { code: "invalid-option", message });
  }
  assert.throws(() => resolveConfig({ ports: "" }), { code: "invalid-ports" });
});

Deno.test("Manager.start() refuses a configuration that is not complete, or options nobody knows", async () => {
  const wrong: [unknown, unknown, RegExp][] = [
    [{}, {}, /its configuration has no instance; make it with resolveConfig/],
    [{ ...resolveConfig(), host: undefined }, {}, /its configuration has no host/],
    [{ ...resolveConfig(), workers: 1 }, {}, /there is no option "workers"/],
    [undefined, {}, /an object with options is wanted/],
    [resolveConfig(), { onevent() {} }, /no option "onevent"; it is called onEvent/],
  ];
  for (const [config, options, message] of wrong) {
    const starting = Manager.start(config as ManagerConfig, options as ManagerOptions);
    await assert.rejects(starting, { code: "invalid-option", message });
  }
  assert.throws(() => new StateDirectory(undefined as unknown as string), InvalidInstanceError);
  assert.throws(() => new StateDirectory("a", ""), InvalidOptionError);
});

Deno.test("resolveConfig() takes what is undefined for left out", () => {
  const nothing = { root: undefined, host: undefined, restart: undefined, workers: undefined };
  assert.deepEqual(resolveConfig(nothing), resolveConfig());
  const restart = { intensity: undefined, jitter: 0 } as unknown as { jitter: number };
  const { restart: policy } = resolveConfig({ restart });
  assert.deepEqual([policy.intensity, policy.jitter], [10, 0]);
  const { overrides } = resolveConfig({ overrides: new Map([[4433, { restart }]]) });
  assert.deepEqual(overrides.get(4433), { restart: { jitter: 0 } });
});

Deno.test("resolveConfig() takes only safe instance names", () => {
  for (const instance of ["a", "0", "my-server-2", "a".repeat(32)]) {
    assert.equal(resolveConfig({ instance }).instance, instance);
  }
  for (const instance of ["", "-a", "A", "a_b", "../x", "a/b", "a.b", "é", "a".repeat(33), "a\n"]) {
    assert.throws(() => resolveConfig({ instance }), InvalidInstanceError, instance);
  }
});
