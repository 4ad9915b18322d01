import assert from "node:assert/strict";
import { formatTable } from "../../cli/table.ts";

const COLUMNS = [{ heading: "PORT", numeric: true }, { heading: "STATE" }];
const ROWS = [["4433", "ready"], ["50", "backoff"]];

Deno.test("formatTable() writes aligned bare text where there is no terminal", () => {
  assert.equal(
    formatTable(COLUMNS, ROWS, { lines: false }),
    ["PORT  STATE", "4433  ready", "  50  backoff"].join("\n"),
  );
});

Deno.test("formatTable() frames its cells on a terminal", () => {
  const text = formatTable(COLUMNS, ROWS, { lines: true });
  assert.match(text, /│ 4433 │ ready/);
  assert.equal(new Set(text.split("\n").map((line) => line.length)).size, 1);
});

Deno.test("formatTable() without rows is its heading", () => {
  assert.equal(formatTable(COLUMNS, [], { lines: false }), "PORT  STATE");
});
