import assert from "node:assert/strict";
import { typedName } from "../../../cli/flags.ts";
import { startArguments } from "../../../cli/start/detach.ts";
import { commandAt } from "../../../cli/definition/command_at.ts";

/** Flags about the process that is started here, not about the manager that it starts. */
const HERE = ["shell", "detach", "json", "logFile"];

Deno.test("startArguments() hands on every flag of start that says how the manager is to be", () => {
  const names = Object.keys(commandAt(["start"]).flags).filter((name) => !HERE.includes(name));
  assert.ok(names.length > 8, String(names));
  for (const name of names) {
    const flags = { shell: true, detach: true, json: false, [name]: "5" };
    const args = startArguments(flags, name === "config" ? "5" : undefined);
    assert.deepEqual(args, ["start", "--no-shell", `--${typedName(name)}=5`]);
  }
});

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
