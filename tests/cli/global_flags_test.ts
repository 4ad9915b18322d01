import assert from "node:assert/strict";
import { readGlobalFlags } from "../../cli/global_flags.ts";

Deno.test("readGlobalFlags() takes --color out of the words, and the last one wins", () => {
  const cases: [string[], string[], string | undefined][] = [
    [["ls"], ["ls"], "auto"],
    [["--color", "ls"], ["ls"], "always"],
    [["ls", "--color=never"], ["ls"], "never"],
    [["ls", "--no-color"], ["ls"], "never"],
    [["--color=always", "ls", "--color=auto"], ["ls"], "auto"],
    [["ls", "--color=blue"], ["ls"], undefined],
    [["rm", "--", "--color"], ["rm", "--", "--color"], "auto"],
  ];
  for (const [args, words, color] of cases) {
    const flags = readGlobalFlags(args);
    assert.deepEqual([flags.words, flags.color], [words, color], args.join(" "));
  }
});

Deno.test("readGlobalFlags() sees --json and leaves it to the command", () => {
  assert.deepEqual(readGlobalFlags(["ls", "--json"]), {
    words: ["ls", "--json"],
    color: "auto",
    json: true,
  });
  assert.equal(readGlobalFlags(["rm", "--", "--json"]).json, false);
});
