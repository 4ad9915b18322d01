import assert from "node:assert/strict";
import { read, section, type Table, tablesIn } from "./markdown.ts";
import { typeScriptIn } from "./source_files.ts";

/** What the program and its compile task are made of; bench/ and tests/ may use what they like. */
const FOLDERS = [
  ...["base", "ffi", "log", "protocol", "ipc", "transfer", "handlers", "manager", "worker"],
  ...["client", "cli", "compile"],
];

/** What everybody may take of logging. */
const LOGGING = "@logtape/logtape";
const LOGGER_NAMES = ["getLogger", "isLogLevel", "LogLevel"];

const [LIBRARIES = [], INSTEAD = []] = tablesIn(section(read("docs/architecture.md"), "Libraries"));

const { imports: IMPORTS }: { imports: Record<string, string> } = JSON.parse(read("deno.json"));

/** What is between backticks anywhere in a cell. */
function codesIn(cell = ""): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
}

function packagesIn(table: Table, column: number): string[] {
  return table.flatMap((row) => codesIn(row[column])).filter((name) =>
    !/^(?:node:|Deno\.)/.test(name)
  );
}

interface Import {
  readonly file: string;
  readonly names: readonly string[];
}

/** Who imports what of each package. */
function importsOfPackages(): Map<string, Import[]> {
  const found = new Map<string, Import[]>();
  for (const path of FOLDERS.flatMap(typeScriptIn)) {
    const text = read(path);
    const statements = text.matchAll(/^(?:import|export) (?:([^;"]*?) from )?"([^"]+)";/gm);
    const dynamic = text.matchAll(/(\{[^}]*\}|\w+) = await import\("([^"]+)"\)/g);
    for (const [, clause = "", name = ""] of [...statements, ...dynamic]) {
      if (!Object.hasOwn(IMPORTS, name)) continue;
      const names = clause.replaceAll(/[{}]|\btype\b/g, " ").split(",")
        .map((part) => part.trim()).filter((part) => part !== "");
      found.set(name, [...found.get(name) ?? [], { file: path, names }]);
    }
  }
  return found;
}

Deno.test("Libraries names the packages of deno.json, all of them and no others", () => {
  assert.deepEqual(packagesIn(LIBRARIES, 1).sort(), Object.keys(IMPORTS).sort());
});

Deno.test("Libraries says where each package is used", () => {
  const importers = importsOfPackages();
  for (const [, choice, , usedIn] of LIBRARIES) {
    const places = codesIn(usedIn).filter((code) => code.includes("/") && code !== "tests/");
    for (const name of codesIn(choice).filter((code) => Object.hasOwn(IMPORTS, code))) {
      const uses = importers.get(name) ?? [];
      for (const place of places) {
        assert.ok(uses.some(({ file }) => file.startsWith(place)), `${place} does not use ${name}`);
      }
      const elsewhere = uses.filter(({ file }) => !places.some((place) => file.startsWith(place)))
        .filter(({ names }) =>
          name !== LOGGING || names.some((taken) => !LOGGER_NAMES.includes(taken))
        );
      assert.deepEqual(elsewhere, [], `${name} is used elsewhere`);
    }
  }
});

Deno.test("Libraries says what stands in the place of Deno's std and of Cliffy", () => {
  const named = INSTEAD.map(([name = ""]) => name.replaceAll("`", ""));
  assert.deepEqual(named, ["std/flags", "Cliffy", "std/log", "std/testing"]);
  for (const name of packagesIn(INSTEAD, 1)) {
    assert.ok(name === "parseArgs" || Object.hasOwn(IMPORTS, name), name);
  }
  for (const [, here, , places] of INSTEAD) {
    for (const place of codesIn(places).filter((code) => code.endsWith(".ts"))) {
      const text = read(place);
      assert.ok(codesIn(here).some((name) => text.includes(`"${name}"`)), `${place}: ${here}`);
    }
  }
});
