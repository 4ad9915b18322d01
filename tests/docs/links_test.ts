import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { codeIn, DOCUMENTS, read, ROOT, tablesIn, withoutCode } from "./markdown.ts";

Deno.test("Links in the documents lead to files and headings that are there", async () => {
  let count = 0;
  for (const document of DOCUMENTS) {
    for (const target of linksIn(read(document))) {
      if (/^https?:/.test(target)) continue;
      count++;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? document : relative(ROOT, join(ROOT, dirname(document), path));
      const where = `${document}: ${target}`;
      assert.ok((await Deno.stat(join(ROOT, file)).catch(() => undefined)) !== undefined, where);
      if (anchor !== undefined) assert.ok(anchorsIn(read(file)).includes(anchor), where);
    }
  }
  assert.ok(count > 40, String(count));
});

Deno.test("Files of the project that the documents name are there", async () => {
  let count = 0;
  for (const document of DOCUMENTS.filter((path) => path !== "CHANGELOG.md")) {
    const text = withoutCode(read(document));
    const folders =
      "base|ffi|log|protocol|ipc|transfer|handlers|manager|worker|client|cli|native|bench|compile|docs|tests|assets";
    const named = text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, "g"));
    for (const [, path = ""] of named) {
      count++;
      if (path.startsWith("native/target/")) continue; // where Cargo builds
      const info = await Deno.stat(join(ROOT, path)).catch(() => undefined);
      assert.ok(info !== undefined, `${document}: ${path}`);
    }
  }
  assert.ok(count > 40, String(count));
});

Deno.test("The helpers of these tests read links, anchors, tables and code", () => {
  const text =
    "# A `b` c!\n\n[x](y.md#z) ![i](p.png)\n\n```sh\n[no](link)\n```\n\n| a |\n| - |\n| `1` |\n";
  assert.deepEqual(linksIn(text), ["y.md#z", "p.png"]);
  assert.deepEqual(anchorsIn(text), ["a-b-c"]);
  assert.deepEqual(tablesIn(text), [[["`1`"]]]);
  assert.deepEqual(codeIn(text), ["[no](link)\n"]);
});

function linksIn(text: string): string[] {
  return Array.from(withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);
}

/** The anchors that GitHub makes of headings. */
function anchorsIn(text: string): string[] {
  return Array.from(
    withoutCode(text).matchAll(/^#+ (.+)$/gm),
    ([, heading = ""]) =>
      heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-"),
  );
}
