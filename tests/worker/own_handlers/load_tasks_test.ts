import assert from "node:assert/strict";
import { join } from "node:path";
import { TaskPool } from "../../../tasks/task_pool.ts";
import { loadTasks } from "../../../worker/own_handlers/load_tasks.ts";
import { TaskModuleError } from "../../../worker/own_handlers/module_error.ts";

const TASK = (name: string, module = "import.meta.url") =>
  `export default { name: "${name}", module: ${module}, run: (n) => 2 * n };`;

/** Loads such files, all of them as modules of tasks. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (paths: string[]) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-tasks-" });
  try {
    const paths = Object.keys(files).map((name) => join(directory, name));
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), text);
    }
    await test(paths);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("loadTasks() finds tasks, and a pool has them done by their names", async () => {
  await withFiles({ "a.js": TASK("test.a"), "b.js": TASK("test.b") }, async (paths) => {
    const named = await loadTasks(paths);
    using pool = new TaskPool({ threads: 1, named });
    assert.equal(await pool.run("test.a", 1), 2);
    assert.equal(await pool.run("test.b", 2), 4);
    await assert.rejects(pool.run("test.c", 1), { code: "unknown-task" });
  });
});

Deno.test("loadTasks() names the module, the line and the reason where it is no task", async () => {
  const cases: [Readonly<Record<string, string>>, RegExp][] = [
    [{ "a.js": "\n\nexport default {" }, /a\.js", line 3: /],
    [{ "a.js": "export default () => 5;" }, /a\.js": what it exports by default is no task/],
    [{ "a.js": TASK("test.a", '"file:///x.js"') }, /names another module than its own/],
    [
      { "a.js": TASK("test.a"), "b.js": TASK("test.a") },
      /b\.js": its task is called "test\.a", as/,
    ],
  ];
  for (const [files, message] of cases) {
    await withFiles(files, async (paths) => {
      await assert.rejects(loadTasks(paths), (error) => {
        assert.ok(error instanceof TaskModuleError, String(error));
        assert.equal(error.code, "unusable-task");
        assert.match(error.message, message);
        return true;
      });
    });
  }
  await assert.rejects(loadTasks(["/nowhere/a.js"]), /there is no such file/);
});
