import assert from "node:assert/strict";
import { quoteArguments } from "../../../ffi/process/command_line_windows.ts";

Deno.test("quoteArguments() leaves plain arguments alone", () => {
  const args = ["start", "--root=C:\\files\\", "a\\b", "ü", "100%"];
  assert.equal(quoteArguments(args), "start --root=C:\\files\\ a\\b ü 100%");
});

Deno.test("quoteArguments() quotes what a program would take apart", () => {
  const cases: [string, string][] = [
    ["", '""'],
    ["a b", '"a b"'],
    ["a\tb", '"a\tb"'],
    ['"', '"\\""'],
    ['a"b', '"a\\"b"'],
    ['a\\"b', '"a\\\\\\"b"'],
    ["C:\\my files\\", '"C:\\my files\\\\"'],
    ["C:\\my files\\x\\\\", '"C:\\my files\\x\\\\\\\\"'],
    ["a\\ b", '"a\\ b"'],
  ];
  for (const [argument, quoted] of cases) assert.equal(quoteArguments([argument]), quoted);
});

Deno.test({
  name: "quoteArguments() gives a program the arguments back",
  ignore: Deno.build.os !== "windows",
  async fn() {
    const args = ["", "a b", '"', 'a\\"b', "C:\\my files\\", "\\\\", "a\\\\ b\\\\", "ünï 深い"];
    const script = "console.log(JSON.stringify(Deno.args))";
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [quoteArguments(["eval", script, "--", ...args])],
      windowsRawArguments: true,
      stderr: "null",
    }).output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), args);
  },
});
