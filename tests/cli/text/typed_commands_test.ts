import assert from "node:assert/strict";
import { commandLine } from "../../../base/mod.ts";
import { describeError } from "../../../cli/text/describe_error.ts";
import { typedLike } from "../../../cli/text/typed_commands.ts";
import { RemoteError } from "../../../protocol/mod.ts";

const OUTSIDE = { insideShell: false, instance: "default" };
const INSIDE = { insideShell: true, instance: "mine" };

// C7.
Deno.test("typedLike() types commands with the instance that was given, or is another one", () => {
  const cases: [string[], typeof OUTSIDE, string][] = [
    [["get", "x"], OUTSIDE, commandLine("ls")],
    [["get", "x", "--instance", "a"], OUTSIDE, commandLine("ls", "a")],
    [["get", "x", "--instance=a"], OUTSIDE, commandLine("ls", "a")],
    [["get", "--", "--instance", "a"], OUTSIDE, commandLine("ls")],
    [["get", "x"], INSIDE, "ls"],
    [["get", "x", "--instance", "a"], INSIDE, "ls --instance a"],
    [["get", "x", "--server", "h:1"], OUTSIDE, "ls, with the same --server,"],
  ];
  for (const [words, where, typed] of cases) {
    assert.equal(typedLike(words, where)("ls"), typed, words.join(" "));
  }
});

Deno.test("describeError() advises what can be typed", () => {
  const error = new RemoteError("not-found", "No such file");
  const type = typedLike(["get", "x", "--instance=a"], OUTSIDE);
  assert.equal(
    describeError(error, type).message,
    `No such file; ${commandLine("ls", "a")} lists what is there`,
  );
  assert.equal(
    describeError(error).message,
    `No such file; ${commandLine("ls")} lists what is there`,
  );
});
