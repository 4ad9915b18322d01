import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, BUNDLED_MAIN } from "../../compile/bundle.ts";
import { finishedCode, finishedMap } from "../../compile/bundled_files.ts";
import { TARGETS } from "../../compile/targets.ts";
import { programFile } from "../../program_files.ts";
import { ROOT } from "../docs/markdown.ts";
import { typeScriptIn } from "../docs/source_files.ts";

const PROJECT = resolve(fileURLToPath(programFile("")));
const FOLDERS = {
  project: PROJECT,
  folder: join(PROJECT, ".build", "bundle", "linux"),
  registries: [resolve(PROJECT, "..", "cache", "npm", "registry")],
};

const FOLDERS_WITH_ERRORS = [
  "cli",
  "client",
  "ffi",
  "ipc",
  "manager",
  "protocol",
  "transfer",
  "worker",
];

Deno.test("finishedMap() names sources by their paths in the project, and packages by theirs", () => {
  const up = "../../..";
  const library = "cache/npm/registry/@a/b/1.0.0/c.js";
  const map = {
    version: 3,
    sources: [`${up}/main.ts`, `${up}/ffi/x.ts`, `${up}/../${library}`],
    sourcesContent: ["secret"],
  };
  assert.deepEqual(finishedMap(map, "main.js.map", FOLDERS), {
    version: 3,
    sources: ["main.ts", "ffi/x.ts", "npm/@a/b/1.0.0/c.js"],
  });
  const thread = { sources: [`../${up}/ffi/x.ts`, `../${up}/base/y.ts`] };
  assert.deepEqual(finishedMap(thread, "ffi/thread.js.map", FOLDERS).sources, [
    "x.ts",
    "../base/y.ts",
  ]);
});

Deno.test("finishedCode() names packages, and corrects what CommonJS modules get", () => {
  const [code, finished] = [
    [
      "// ../cache/npm/registry/a/1.0.0/b.js",
      'import { createRequire as _create } from "node:module";',
      "var __require = _create(import.meta.url);",
      "  isNodeMode || !mod || !mod.__esModule ? __defProp(target) : target,",
      "// main.ts",
    ],
    [
      "// npm/a/1.0.0/b.js",
      "", // the lines of the source map stay what they are
      "var __require = (name) => process.getBuiltinModule(name);",
      "  1 ? __defProp(target) : target,",
      "// main.ts",
    ],
  ].map((lines) => lines.join("\n"));
  assert.equal(finishedCode(code ?? "", FOLDERS), finished);
});

Deno.test("bundle() makes a program that finds its files, with errors that keep their names", async () => {
  const folder = await Deno.makeTempDir({ prefix: "msquicd-bundle-" });
  try {
    await bundle({ target: TARGETS.windows, project: PROJECT, folder });
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    const code = names.filter((name) => name.endsWith(".js")).map((name) =>
      Deno.readTextFileSync(join(folder, name))
    );
    assert.ok(names.includes(BUNDLED_MAIN));
    // Only one may ask where it is; a message may speak of it.
    const withoutTexts = (text: string) => text.replaceAll(/"[^"\n]*"/g, '""');
    const asking = code.flatMap((text) =>
      withoutTexts(text).match(/^.*\bimport\.meta\.url\b.*$/gm) ?? []
    );
    const mayAsk = withoutTexts(Deno.readTextFileSync(programFile("program_files.ts")));
    assert.ok(asking.length > 0);
    assert.deepEqual(asking.filter((line) => !mayAsk.includes(line)), []);
    // It is beside the others, which is where the files and threads are.
    assert.equal(code.filter((text) => /^\/\/ program_files\.ts$/m.test(text)).length, 1);
    const all = code.join("\n");
    const threads = Array.from(all.matchAll(/programModule\("([^"]+)"\)/g), ([, path]) => path);
    assert.ok(threads.length > 0);
    for (const path of threads) assert.ok(existsSync(join(folder, `${path}.js`)), path);

    const errors = ourErrors();
    assert.ok(errors.length > 50, String(errors.length));
    const kept = new Set(
      Array.from(all.matchAll(/\b(?:class|var) (\w+) (?:= class )?extends /g), ([, name]) => name),
    );
    assert.deepEqual(errors.filter((name) => !kept.has(name)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The names of the errors that the program's own modules define. */
function ourErrors(): string[] {
  return FOLDERS_WITH_ERRORS.flatMap(typeScriptIn).flatMap((file) => {
    const text = Deno.readTextFileSync(join(ROOT, file));
    return Array.from(text.matchAll(/^export class (\w+Error) /gm), ([, name = ""]) => name);
  });
}
