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

Deno.test("configDigest() changes with what a worker was told to be, not with its storage's place or its certificate", () => {
  const digest = (changes: Partial<WorkerConfig>) =>
    configDigest({ ...CONFIG, ...changes }, "1.0.0");
  const same = digest({});
  assert.match(same, /^[0-9a-f]{64}$/);
  assert.equal(digest({ rootMark: { id: "one", place: "4:5:6" } }), same);
  assert.notEqual(digest({ rootMark: { id: "two", place: "1:2:3" } }), same);
  assert.notEqual(digest({ root: "/srv/others" }), same);
  assert.equal(digest({ certificateFile: "/other.pem", privateKeyFile: "/other-key.pem" }), same);
  assert.notEqual(configDigest(CONFIG, "1.0.1"), same);
});
