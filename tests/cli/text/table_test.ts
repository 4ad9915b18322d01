import assert from "node:assert/strict";
import { formatTable } from "../../../cli/text/table.ts";

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

// D7
Deno.test("formatTable() does without frame lines first, then without columns", () => {
  const columns = [{ heading: "PORT" }, { heading: "SECOND", rank: 2 }, { heading: "B", rank: 1 }];
  const rows = [["4433", "\x1b[32mtwo\x1b[39m", "b"]];
  const at = (width: number) => formatTable(columns, rows, { lines: true, width });
  assert.match(at(21), /│/);
  assert.deepEqual(at(20).split("\n"), ["PORT  SECOND  B", "4433  \x1b[32mtwo\x1b[39m     b"]);
  assert.equal(at(15), at(20));
  assert.match(at(14), /no room for SECOND$/);
  assert.match(at(6), /^PORT\n4433\nno room for SECOND, B$/);
  assert.equal(at(1), at(6), "what identifies a row stays");
});
