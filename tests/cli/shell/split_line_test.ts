import assert from "node:assert/strict";
import { splitLine } from "../../../cli/shell/split_line.ts";
import { UsageError } from "../../../cli/errors.ts";

Deno.test("splitLine() splits at blanks and keeps what is quoted together", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["   ", []],
    ["put a  b", ["put", "a", "b"]],
    [`put "my file.txt" 'it is'`, ["put", "my file.txt", "it is"]],
    [`put ""`, ["put", ""]],
    [`get a"b c"d`, ["get", "ab cd"]],
    [String.raw`put C:\Users\me\x.txt`, ["put", String.raw`C:\Users\me\x.txt`]],
    [`echo "it's"`, ["echo", "it's"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitLine(line), words, line);
});

Deno.test("splitLine() says where a quote was opened that is never closed", () => {
  for (const line of [`put "a b`, `put 'a b`, `put "a'b`]) {
    assert.throws(
      () => splitLine(line),
      (error) => error instanceof UsageError && /column 5/.test(error.message),
      line,
    );
  }
});
