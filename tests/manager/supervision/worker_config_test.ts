import assert from "node:assert/strict";
import { encodeMessage, managerMessage, parseRecord } from "../../../ipc/messages.ts";
import { NAMED_KEYS } from "../../../manager/config/keys.ts";
import { resolveConfig, StateDirectory } from "../../../manager/mod.ts";
import { workerConfig } from "../../../manager/supervision/worker_config.ts";

Deno.test("workerConfig() has every key that concerns workers, and they take all of it", () => {
  const config = resolveConfig({ msquicPath: "/usr/lib/libmsquic.so.2", root: "/x" });
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
