import assert from "node:assert/strict";
import {
  checkOptions,
  checkText,
  checkWhole,
  checkWord,
  InvalidOptionError,
} from "../../base/mod.ts";

const ACTION = "Cannot do it";

function says(run: () => void, message: string): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof InvalidOptionError);
    assert.equal(error.code, "invalid-option");
    assert.equal(error.message, message);
    return true;
  });
}

Deno.test("checkOptions() refuses options that do not exist, also such as every object has", () => {
  const names = { fingerprint: true, token: true } as const;
  const check = (options: unknown) =>
    checkOptions<{ fingerprint: string; token: string }>(ACTION, options, names);
  check({});
  check({ token: undefined, fingerprint: "x" });
  says(
    () => check({ fingerPrint: "x" }),
    'Cannot do it: there is no option "fingerPrint"; it is called fingerprint',
  );
  says(
    () => check({ tokens: "x" }),
    'Cannot do it: there is no option "tokens"; there are fingerprint, token',
  );
  says(
    () => check({ toString: 1 }),
    'Cannot do it: there is no option "toString"; there are fingerprint, token',
  );
  for (const nothing of [undefined, null, "token"]) {
    says(() => check(nothing), "Cannot do it: an object with options is wanted");
  }
});

Deno.test("checkWhole(), checkText() and checkWord() say what is wanted", () => {
  for (const value of [undefined, 1, 9]) checkWhole(ACTION, "n", value, 1, 9);
  for (const value of [0, 10, 1.5, NaN, Infinity, -1, "5", null]) {
    assert.throws(() => checkWhole(ACTION, "n", value, 1, 9), InvalidOptionError, String(value));
  }
  says(
    () => checkWhole(ACTION, "n", NaN, 1, 9),
    "Cannot do it: n must be a whole number from 1 to 9, not NaN",
  );
  checkText(ACTION, "t", "x");
  for (const value of [undefined, null, "", 7]) {
    says(() => checkText(ACTION, "t", value), "Cannot do it: t must be a text that is not empty");
  }
  for (const value of [undefined, "a", "b"]) checkWord(ACTION, "w", value, ["a", "b"]);
  says(
    () => checkWord(ACTION, "w", "c", ["a", "b"]),
    'Cannot do it: w must be "a" or "b", not "c"',
  );
  assert.throws(() => checkWord(ACTION, "w", null, ["a", "b"]), InvalidOptionError);
});
