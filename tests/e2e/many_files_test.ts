import assert from "node:assert/strict";
import { join } from "node:path";
import { names, Site, waitFor } from "./harness.ts";

const FILES = 1200;
const PER_DIRECTORY = 200;

function content(index: number): string {
  return `${index} `.repeat(100 + index % 300);
}

/** The small files below a directory that are not what they should be, or not there. */
function wrong(directory: string): string[] {
  const wrong: string[] = [];
  for (let index = 0; index < FILES; index++) {
    const path = pathOf(directory, index);
    try {
      if (Deno.readTextFileSync(path) !== content(index)) wrong.push(path);
    } catch {
      wrong.push(path);
    }
  }
  return wrong;
}

function pathOf(directory: string, index: number): string {
  return join(directory, `${Math.floor(index / PER_DIRECTORY)}`, `${index}.txt`);
}

Deno.test("msquicd: many small files arrive whole, also when a worker is killed among them", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const tree = site.path("tree");
  for (let index = 0; index < FILES; index++) {
    if (index % PER_DIRECTORY === 0) {
      await Deno.mkdir(join(tree, `${index / PER_DIRECTORY}`), { recursive: true });
    }
    Deno.writeTextFileSync(pathOf(tree, index), content(index));
  }
  const stored = join(site.root, "tree");
  const put = site.spawn("put", tree);
  await waitFor("some are there", () => names(stored).length > 1);
  for (const { pid } of manager.report.workers) Deno.kill(pid, "SIGKILL");
  const { code, stderr, stdout } = await put.finished;
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split("\n").length, FILES + 1);
  assert.deepEqual(wrong(stored), []);
  assert.deepEqual(names(join(site.root, ".msquicd", "uploads")), []);
  // What is there already is done; what is there with other bytes is refused.
  Deno.writeTextFileSync(pathOf(tree, FILES - 1), content(FILES));
  const again = await site.run("put", tree, "--json");
  assert.equal(again.code, 6);
  const { failures, results } = JSON.parse(again.stdout);
  assert.equal(results.length, FILES - 1);
  assert.ok(results.every(({ skipped }: { skipped: boolean }) => skipped));
  assert.deepEqual(failures.map(({ code }: { code: string }) => code), ["file-exists"]);
});
