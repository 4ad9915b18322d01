import assert from "node:assert/strict";
import * as library from "../../mod.ts";
import { sourceFiles } from "../messages/source.ts";

/** Where what `mod.ts` exports is written. */
const PUBLIC = [
  /^client\//,
  /^handlers\/messages\/registry\.ts$/,
  /^manager\/(?:manager|config|state_directory)\.ts$/,
  /^transfer\/storage_root\.ts$/,
  /^worker\/server(?:_options)?\.ts$/,
];

Deno.test("mod.ts exports every error that its documentation says is thrown", () => {
  const exported = new Set(Object.keys(library));
  const missing = new Set<string>();
  let count = 0;
  for (const { path, text } of sourceFiles()) {
    if (!PUBLIC.some((pattern) => pattern.test(path))) continue;
    for (const [, names = ""] of text.matchAll(/@throws \{([^}]+)\}/g)) {
      for (const name of names.split("|").map((name) => name.trim())) {
        count++;
        if (name in globalThis || name.startsWith("Deno.") || exported.has(name)) continue;
        missing.add(name);
      }
    }
  }
  assert.ok(count > 30, String(count));
  assert.deepEqual([...missing].sort(), []);
});
