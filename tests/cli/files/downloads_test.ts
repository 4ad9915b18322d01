import assert from "node:assert/strict";
import { join } from "node:path";
import { chooseDestination, planDownloads } from "../../../cli/files/downloads.ts";
import { UsageError } from "../../../cli/errors.ts";

async function withDirectory(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "msquicd-downloads-" });
  try {
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Where files are written to. @param several Whether there can be more, by a pattern. */
async function plan(names: string[], output?: string, several = names.length > 1) {
  return planDownloads(names, await chooseDestination(output, several));
}

Deno.test("get writes into the current directory by default", async () => {
  assert.deepEqual(await plan(["a", "dir/b"]), [
    { name: "a", path: "a" },
    { name: "dir/b", path: "b" },
  ]);
});

Deno.test("get takes the output for a file, or for a directory", async () => {
  await withDirectory(async (root) => {
    const file = join(root, "file");
    assert.deepEqual(await plan(["x/a"], file), [{ name: "x/a", path: file }]);
    assert.deepEqual(await plan(["x/a"], file, true), [{ name: "x/a", path: join(file, "a") }]);
    const into = [{ name: "x/a", path: join(root, "a") }];
    assert.deepEqual(await plan(["x/a"], root), into);
    assert.deepEqual(await plan(["x/a"], `${root}/`), into);
    const made = join(root, "new", "deep");
    const paths = (await plan(["a", "b"], made)).map(({ path }) => path);
    assert.deepEqual(paths, [join(made, "a"), join(made, "b")]);
    await assert.rejects(Deno.stat(made), Deno.errors.NotFound, "made only when a file comes");
  });
});

Deno.test("get refuses to write two files to one place, and fetches one that is named twice once", async () => {
  await withDirectory(async (root) => {
    await assert.rejects(plan(["x/a", "y/a"], root), {
      code: "usage",
      message: /^"x\/a" and "y\/a" would both be written to ".*a"; /,
    });
    assert.equal((await plan(["x/a", "b", "x/a"], root)).length, 2);
    const many = Array.from({ length: 200_000 }, (_, index) => `x/${index}`);
    assert.equal((await plan(many, root)).length, many.length);
    const file = join(root, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(plan(["a", "b"], file), UsageError);
    await assert.rejects(plan(["a"], file, true), UsageError);
    for (const output of [`${file}/`, join(file, "x"), join(file, "x", "y/")]) {
      await assert.rejects(plan(["a"], output), {
        message: `Cannot write to "${output}": a part of its path is a file`,
      });
    }
  });
});
