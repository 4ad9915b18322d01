import assert from "node:assert/strict";
import { startArguments } from "../../../cli/start/detach.ts";

Deno.test("startArguments() hands on what was given, and nothing else", () => {
  const bare = { shell: true, detach: true, json: false };
  assert.deepEqual(startArguments(bare), ["start", "--no-shell"]);
  assert.deepEqual(startArguments(bare, "/a b.jsonc"), [
    "start",
    "--no-shell",
    "--config=/a b.jsonc",
  ]);
  const flags = { ...bare, ports: "4433-4435", root: "./my files", logLevel: "debug" };
  assert.deepEqual(startArguments(flags), [
    "start",
    "--no-shell",
    "--ports=4433-4435",
    "--root=./my files",
    "--log-level=debug",
  ]);
});
