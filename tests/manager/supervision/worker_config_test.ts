import assert from "node:assert/strict";
import { defaultTaskThreads } from "../../../base/task_threads.ts";
import { encodeMessage, managerMessage, parseRecord } from "../../../ipc/messages.ts";
import { NAMED_KEYS } from "../../../manager/config/keys.ts";
import { resolveConfig, StateDirectory } from "../../../manager/mod.ts";
import { workerConfig } from "../../../manager/supervision/worker_config.ts";

Deno.test("workerConfig() has every key that concerns workers, and they take all of it", () => {
  const config = resolveConfig({
    msquicPath: "/usr/lib/libmsquic.so.2",
    root: "/x",
    minFreeBytes: 0,
    maxFileBytes: 2 ** 40,
    taskThreads: 5,
    memoryBudgetBytes: 64 * 2 ** 20,
    memoryLimitBytes: 512 * 2 ** 20,
    spreadModule: "/srv/spread.js",
    anonymous: { allow: ["read"], prefix: "pub" },
    clientCa: "/ca.pem",
    clients: { laptop: { commonName: "laptop", allow: ["write", "call:*"] } },
  });
  const secrets = { certificateFile: "/c", privateKeyFile: "/k", token: "t" };
  const state = new StateDirectory("default", "/state");
  const told = workerConfig(config, 4433, secrets, state, { id: "i", place: "p" });
  for (const [name, { concerns }] of NAMED_KEYS) {
    if (concerns !== "worker") continue;
    assert.deepEqual({ ...told }[name as "host"], { ...config }[name as "host"], name);
    assert.notEqual({ ...told }[name as "host"], undefined, name);
  }
  const message = { type: "start", config: told } as const;
  assert.deepEqual(managerMessage(parseRecord(encodeMessage(message))), message);
  assert.ok(
    !JSON.stringify(told).includes("DeadlineMs"),
    "nothing that concerns the manager alone",
  );
});

Deno.test("defaultTaskThreads() shares out the cores that workers leave, and gives one at least", () => {
  const cases = [[2, 3, 1], [4, 1, 3], [16, 3, 4], [16, 8, 1], [1, 1, 1], [10_000, 1, 256]];
  for (const [cores = 0, workers = 0, threads] of cases) {
    assert.equal(defaultTaskThreads(cores, workers), threads);
  }
});
