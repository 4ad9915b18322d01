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
  const forbidden =
    /(?<!stream)_windows\.ts$|^(ffi|transfer|protocol)\/mod\.ts$|^ffi\/msquic\/runtime\.ts$|msgpack/;
  assert.deepEqual(loaded.filter((file) => forbidden.test(file)), []);
});

Deno.test("A worker starts without its threads, and what they take", async () => {
  for (const file of ["worker/main.ts", "tasks/thread.ts"]) {
    const loaded = await loadedWith(file);
    assert.deepEqual(
      loaded.filter((path) => path.startsWith("tasks/")),
      file === "worker/main.ts" ? ["tasks/tasks.ts"] : [file, "tasks/thread_messages.ts"],
    );
  }
});

Deno.test("Nothing is loaded that only Windows needs, nor what takes the runtime milliseconds", async () => {
  for (const file of ["worker/main.ts", "cli/main.ts"]) {
    const loaded = await loadedWith(file);
    assert.ok(loaded.length > 50, "the imports were not read");
    // `node:fs` takes 6 ms, where Deno has the same; the log 8 ms, and a command says nothing in it.
    const forbidden = file === "cli/main.ts"
      ? /(?<!stream)_windows\.ts$|^node:fs|logtape|^(?:ffi|transfer|client)\//
      : /(?<!stream)_windows\.ts$|^node:fs/;
    assert.deepEqual(loaded.filter((file) => forbidden.test(file)), []);
  }
});
