import assert from "node:assert/strict";
import { join } from "node:path";
import { planDownloads } from "../../../cli/files/downloads.ts";
import { UsageError } from "../../../cli/errors.ts";

async function withDirectory(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "msquicd-downloads-" });
  try {
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("planDownloads() writes into the current directory by default", async () => {
  assert.deepEqual(await planDownloads(["a", "dir/b"], undefined), [
    { name: "a", path: "a" },
    { name: "dir/b", path: "b" },
  ]);
});

Deno.test("planDownloads() takes the output for a file, or for a directory", async () => {
  await withDirectory(async (root) => {
    const file = join(root, "file");
    assert.deepEqual(await planDownloads(["x/a"], file), [{ name: "x/a", path: file }]);
    const into = [{ name: "x/a", path: join(root, "a") }];
    assert.deepEqual(await planDownloads(["x/a"], root), into);
    assert.deepEqual(await planDownloads(["x/a"], `${root}/`), into);
    const made = join(root, "new", "deep");
    const paths = (await planDownloads(["a", "b"], made)).map(({ path }) => path);
    assert.deepEqual(paths, [join(made, "a"), join(made, "b")]);
    await assert.rejects(Deno.stat(made), Deno.errors.NotFound, "made only when a file comes");
  });
});

Deno.test("planDownloads() refuses to write two files to one place", async () => {
  await withDirectory(async (root) => {
    await assert.rejects(planDownloads(["x/a", "y/a"], root), UsageError);
    const file = join(root, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(planDownloads(["a", "b"], file), UsageError);
    for (const output of [`${file}/`, join(file, "x"), join(file, "x", "y/")]) {
      await assert.rejects(planDownloads(["a"], output), {
        message: `Cannot write to "${output}": a part of its path is a file`,
      });
    }
  });
});
