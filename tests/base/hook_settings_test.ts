import assert from "node:assert/strict";
import type { Actions } from "../../base/action_definition.ts";
import { findHookContradiction, findHooksMistake } from "../../base/hook_settings.ts";

Deno.test("findHooksMistake() names what is wrong", () => {
  const right = { onUploadStart: { action: "a" }, onDelete: { action: "b" }, deadlineMs: 1000 };
  assert.equal(findHooksMistake(right), undefined);
  assert.equal(findHooksMistake({}), undefined);
  const wrong: [unknown, string][] = [
    [[], ""],
    [{ onUpload: {} }, "onUpload"],
    [{ onDelete: "scan" }, "onDelete"],
    [{ onDelete: {} }, "onDelete.action"],
    [{ onDelete: { action: 5 } }, "onDelete.action"],
    [{ onDelete: { action: "a", file: "b" } }, "onDelete.file"],
    [{ deadlineMs: 0 }, "deadlineMs"],
  ];
  for (const [settings, path] of wrong) {
    assert.equal(findHooksMistake(settings)?.path.join("."), path, JSON.stringify(settings));
  }
});

Deno.test("findHookContradiction() names actions that are not there, or that nobody can run like that", () => {
  const actions: Actions = {
    scan: { command: ["/bin/scan", "{file}"], arguments: { file: { file: true } } },
    plain: { command: ["/bin/true"] },
    choosy: {
      command: ["/bin/scan", "{file}", "{how}"],
      arguments: { file: { file: true }, how: { choices: ["a"] } },
    },
  };
  const find = (hook: string, action: string) =>
    findHookContradiction({ [hook]: { action } }, actions);
  assert.equal(find("onUploadComplete", "scan"), undefined);
  assert.equal(find("onDelete", "scan"), undefined);
  assert.equal(find("onUploadStart", "plain"), undefined);
  assert.match(find("onDelete", "none") ?? "", /"none", which actions does not define/);
  assert.match(find("onDelete", "choosy") ?? "", /its argument "how" is; give it a default/);
  assert.match(find("onUploadStart", "scan") ?? "", /its argument "file" is a file, and there is/);
});
