import assert from "node:assert/strict";
import { circleIn, type ImportGraph, importGraph } from "./import_graph.ts";
import { read, tableUnder } from "./markdown.ts";
import { typeScriptIn } from "./source_files.ts";

/** What each folder may import, as docs/architecture.md says. */
const ALLOWED: ReadonlyMap<string, readonly string[] | "anything"> = new Map(
  tableUnder(read("docs/architecture.md"), "Folders").map(([folder = "", , may = ""]) => [
    folder.replaceAll(/[`/]/g, ""),
    may === "anything" ? may : Array.from(may.matchAll(/`([^`]+)`/g), ([, path = ""]) => path),
  ]),
);
/** What every file may import besides. */
const COMMON = ["base/", "version.ts", "program_files.ts"];
const GRAPH = importGraph([
  "main.ts",
  "mod.ts",
  "version.ts",
  "program_files.ts",
  ...[...ALLOWED.keys()].flatMap(typeScriptIn),
]);

Deno.test("No file imports itself by way of others", () => {
  assert.equal(circleIn(GRAPH)?.join(" -> "), undefined);
});

Deno.test("Folders import what the architecture allows them, and nothing else", () => {
  const refused: string[] = [];
  for (const [file, imports] of GRAPH) {
    const folder = topOf(file);
    const allowed = ALLOWED.get(folder) ?? "anything"; // main.ts and mod.ts put everything together
    if (allowed === "anything") continue;
    for (const imported of imports) {
      if (topOf(imported) === folder) continue;
      if (![...COMMON, ...allowed].some((path) => imported.startsWith(path))) {
        refused.push(`${file} -> ${imported}`);
      }
    }
  }
  assert.deepEqual(refused, []);
});

Deno.test("The folders in a folder have an order: none imports one that imports it", () => {
  const inner = new Map<string, string[]>();
  for (const [file, imports] of GRAPH) {
    const room = roomOf(file);
    if (room === undefined) continue;
    const others = imports.map(roomOf).filter((other) => other !== undefined && other !== room);
    inner.set(room, [...inner.get(room) ?? [], ...others as string[]]);
  }
  for (const top of ALLOWED.keys()) {
    const within = Array.from(inner).filter(([room]) => topOf(room) === top).map((
      [room, others],
    ) => [room, others.filter((other) => topOf(other) === top)] as const);
    assert.equal(circleIn(new Map(within))?.join(" -> "), undefined);
  }
});

Deno.test("What is looked for in the imports would be found", () => {
  const graph: ImportGraph = new Map([["a", ["b"]], ["b", ["c", "b"]], ["c", ["a"]]]);
  assert.deepEqual(circleIn(graph), ["a", "b", "c", "a"]);
  assert.equal(circleIn(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), undefined);
  assert.ok(GRAPH.get("mod.ts")?.includes("worker/mod.ts"));
  // At once, over several lines, later, and as a thread.
  assert.ok(GRAPH.get("main.ts")?.includes("cli/main.ts"));
  const imports = [...GRAPH.values()].flat();
  assert.ok(imports.length > 1000, String(imports.length));
  assert.deepEqual(imports.filter((path) => path.endsWith(".ts") && !GRAPH.has(path)), []);
});

function topOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
}

/** The folder in a folder that a file is in, like `manager/ports`; not of one that is in the folder itself. */
function roomOf(file: string): string | undefined {
  const [top, room, more] = file.split("/");
  return more === undefined ? undefined : `${top}/${room}`;
}
