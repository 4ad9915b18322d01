import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Module {
  specifier: string;
  dependencies?: { isDynamic?: boolean; code?: { specifier?: string } }[];
}

const ROOT = new URL("../../", import.meta.url);

/** What is loaded together with a file: all that it imports but what is imported later. */
async function loadedWith(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: fileURLToPath(ROOT),
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  const imports = new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.filter(({ isDynamic }) => !isDynamic).map(({ code }) => code?.specifier),
  ]));
  const loaded = new Set([new URL(file, ROOT).href]);
  for (const specifier of loaded) {
    for (const imported of imports.get(specifier) ?? []) {
      if (imported !== undefined) loaded.add(imported);
    }
  }
  return Array.from(loaded, (specifier) => specifier.replace(ROOT.href, ""));
}

// A hundred files more take 40 ms of each start.
Deno.test("A manager starts without what only workers need: MsQuic's objects, messages, uploads", async () => {
  const loaded = await loadedWith("manager/mod.ts");
  assert.ok(loaded.includes("manager/supervision/supervisor.ts"), "the imports were not read");
  const forbidden = /^(ffi|transfer|protocol)\/mod\.ts$|^ffi\/msquic\/runtime\.ts$|msgpack/;
  assert.deepEqual(loaded.filter((file) => forbidden.test(file)), []);
  assert.ok((await loadedWith("worker/main.ts")).includes("ffi/msquic/runtime.ts"));
});
