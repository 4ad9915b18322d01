import assert from "node:assert/strict";
import { configDigest, type WorkerConfig } from "../../ipc/mod.ts";

const CONFIG: WorkerConfig = {
  instance: "default",
  host: "127.0.0.1",
  port: 4433,
  root: "/srv/files",
  certificateFile: "/state/cert.pem",
  privateKeyFile: "/state/key.pem",
  token: "a token",
  logLevel: "info",
  logFormat: "pretty",
  rootMark: { id: "one", place: "1:2:3" },
};

Deno.test("configDigest() changes with what a worker was told to be, not with where its storage was seen", () => {
  const digest = (changes: Partial<WorkerConfig>) =>
    configDigest({ ...CONFIG, ...changes }, "certificate", "1.0.0");
  const same = digest({});
  assert.match(same, /^[0-9a-f]{64}$/);
  assert.equal(digest({ rootMark: { id: "one", place: "4:5:6" } }), same);
  assert.notEqual(digest({ rootMark: { id: "two", place: "1:2:3" } }), same);
  assert.notEqual(digest({ root: "/srv/others" }), same);
  assert.notEqual(configDigest(CONFIG, "another", "1.0.0"), same);
  assert.notEqual(configDigest(CONFIG, "certificate", "1.0.1"), same);
});
