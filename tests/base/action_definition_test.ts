import assert from "node:assert/strict";
import fc from "fast-check";
import { findActionMistake, numberText } from "../../base/action_definition.ts";

const PROGRAM = Deno.build.os === "windows" ? "C:\\bin\\true.exe" : "/bin/true";

/** An action with one argument `x`, which its command uses. */
function withArgument(x: unknown): unknown {
  return { act: { command: [PROGRAM, "{x}"], arguments: { x } } };
}

Deno.test("findActionMistake() finds nothing in what is right", () => {
  const right: unknown[] = [
    {},
    { a: { command: [PROGRAM] } },
    { "a-1": { command: [PROGRAM, "line\nbreak", ""], timeoutMs: 1, maxOutputBytes: 0 } },
    { a: { command: [PROGRAM], directory: PROGRAM } },
    withArgument({ choices: ["a", ""], default: "" }),
    withArgument({ min: -1.5, max: 1, integer: false, default: 0.5 }),
    withArgument({ min: 1, max: 1, default: 1 }),
    withArgument({ file: true, default: "a/b" }),
  ];
  for (const actions of right) assert.equal(findActionMistake(actions), undefined);
});

Deno.test("findActionMistake() says where a mistake is, and what is wanted there", () => {
  const tooMany = Object.fromEntries(
    Array.from({ length: 101 }, (_, index) => [`a${index}`, { command: [PROGRAM] }]),
  );
  const wrong: [unknown, string, RegExp][] = [
    [[], "", /an object with actions/],
    [tooMany, "", /at most 100 actions/],
    [{ A: {} }, "A", /a name of lower-case letters/],
    [{ a: [] }, "a", /an object with the key command/],
    [{ a: {} }, "a.command", /a list of a program's absolute path/],
    [{ a: { command: [] } }, "a.command", /a list/],
    [{ a: { command: ["ls"] } }, "a.command.0", /an absolute path/],
    [{ a: { command: [`${PROGRAM}.BAT `] } }, "a.command.0", /no script that Windows runs/],
    [{ a: { command: [PROGRAM, 1] } }, "a.command.1", /text/],
    [{ a: { command: [PROGRAM, "\0"] } }, "a.command.1", /NUL/],
    [{ a: { command: [PROGRAM, "{"] } }, "a.command.1", /\{name\} is an argument/],
    [{ a: { command: [PROGRAM, "{y}"] } }, "a.command.1", /not \{y\}/],
    [{ a: { command: [PROGRAM], shell: true } }, "a.shell", /one of the keys command, timeoutMs/],
    [{ a: { command: [PROGRAM], timeoutMs: 0 } }, "a.timeoutMs", /from 1 to 86400000/],
    [{ a: { command: [PROGRAM], directory: "." } }, "a.directory", /an absolute path/],
    [{ a: { command: [PROGRAM], arguments: [] } }, "a.arguments", /an object/],
    [{ a: { command: [PROGRAM], arguments: { x: { file: true } } } }, "a.arguments.x", /used in/],
    [{ a: { command: [PROGRAM], arguments: { "": {} } } }, "a.arguments.", /a name of letters/],
    [withArgument({}), "act.arguments.x", /one of choices, min and max, and file/],
    [withArgument({ file: true, min: 1 }), "act.arguments.x", /one of choices/],
    [withArgument({ file: false }), "act.arguments.x.file", /true/],
    [withArgument({ choices: [] }), "act.arguments.x.choices", /1 to 100 different/],
    [withArgument({ choices: ["a", "a"] }), "act.arguments.x.choices", /different/],
    [withArgument({ choices: ["a\n"] }), "act.arguments.x.choices.0", /without control/],
    [withArgument({ choices: ["a"], default: "b" }), "act.arguments.x.default", /of the choices/],
    [withArgument({ min: 1 }), "act.arguments.x.max", /a number/],
    [withArgument({ min: 1, max: 0 }), "act.arguments.x.max", /no less than min/],
    [withArgument({ min: 1, max: 2, default: 1.5 }), "act.arguments.x.default", /a whole number/],
    [withArgument({ min: 1, max: 2, integer: 1 }), "act.arguments.x.integer", /true or false/],
    [withArgument({ min: 1, max: 2, step: 1 }), "act.arguments.x.step", /one of the keys min/],
    [withArgument({ file: true, default: "" }), "act.arguments.x.default", /stored file/],
  ];
  for (const [actions, path, wanted] of wrong) {
    const mistake = findActionMistake(actions);
    assert.equal(mistake?.path.join("."), path, JSON.stringify(actions));
    assert.match(mistake?.wanted ?? "", wanted);
  }
});

Deno.test("numberText() takes numbers of the range in their usual form, and nothing else", () => {
  const range = { min: -5, max: 5 };
  for (const right of [0, -5, 5, "3"]) assert.equal(numberText(range, right), String(right));
  for (
    const wrong of [
      6,
      -6,
      1.5,
      "",
      " 1",
      "1 ",
      "01",
      "+1",
      "1e0",
      "0x1",
      "-0",
      "1\n",
      "Infinity",
      NaN,
    ]
  ) {
    assert.equal(numberText(range, wrong), undefined, String(wrong));
  }
  const fractions = { min: 0, max: 1, integer: false };
  assert.equal(numberText(fractions, "0.50"), "0.50");
  for (const wrong of [".5", "1.", "1.1", 1e-7]) {
    assert.equal(numberText(fractions, wrong), undefined);
  }
  fc.assert(fc.property(fc.string(), fc.integer(), fc.nat(), (text, min, size) => {
    const max = min + size;
    const taken = numberText({ min, max }, text);
    if (taken === undefined) return;
    assert.match(taken, /^-?\d+$/);
    assert.ok(Number(taken) >= min && Number(taken) <= max);
  }));
});
