import assert from "node:assert/strict";
import { nameFilter } from "../../../cli/files/name_filter.ts";
import { isPattern, literalPrefix, namePattern } from "../../../base/name_pattern.ts";

Deno.test("namePattern() matches whole names", () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ["*.jpg", ["a.jpg", ".jpg"], ["a/b.jpg", "a.jpgx", "a.JPG"]],
    ["a/*/c", ["a/b/c"], ["a/c", "a/b/d/c"]],
    ["a/**/c", ["a/c", "a/b/c", "a/b/d/c"], ["b/a/c"]],
    ["**", ["a", "a/b"], []],
    ["?.[a]", ["x.[a]", "文.[a]"], ["x.a", "/.[a]"]],
    ["a+(b)|c{1}$^.*", ["a+(b)|c{1}$^.", "a+(b)|c{1}$^.x"], ["aab"]],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const name of yes) assert.ok(namePattern(pattern).test(name), `${pattern} ${name}`);
    for (const name of no) assert.ok(!namePattern(pattern).test(name), `${pattern} ${name}`);
  }
  assert.deepEqual(["a/b*", "?", "a"].map(literalPrefix), ["a/b", "", "a"]);
  assert.deepEqual(["a*", "a?", "[a]"].map(isPattern), [true, true, false]);
});

Deno.test("nameFilter() refuses what nothing can match", () => {
  for (const pattern of ["/", "./a", "../a", "a/./b", "a//b", "a/../b/", "[[:digit:]]x"]) {
    assert.throws(() => nameFilter([pattern]), { code: "usage" }, pattern);
    assert.throws(() => nameFilter(["a"], [pattern]), { code: "usage" }, pattern);
  }
});

Deno.test("nameFilter() leaves out as rsync does", () => {
  const cases: [exclude: string[], include: string[], taken: string[], left: string[]][] = [
    [["*.log"], [], ["a", "log"], ["a.log", "b/a.log"]],
    [["*.log"], ["keep.log"], ["b/keep.log"], ["a.log"]],
    [["/b"], [], ["a/b", "a/b/c"], ["b", "b/c"]],
    [["b/"], [], ["b", "a/b"], ["b/c", "a/b/c"]],
    [["a/b"], [], ["b", "a/c"], ["a/b", "x/a/b", "a/b/c"]],
    [["a/**"], [], ["a"], ["a/b", "a/b/c"]],
    [["[ab]?"], [], ["c1", "a"], ["a1", "x/b2"]],
    [["[!ab]"], [], ["a", "bb"], ["c", "]"]],
    [["\\*"], [], ["a"], ["*", "b/*"]],
    [["[", "x]", "a[]b]"], [], ["a"], ["[", "x]", "a]", "ab"]],
    [["*"], ["*/", "*.txt"], ["a.txt", "a/b.txt"], ["a", "a/b"]],
  ];
  for (const [exclude, include, taken, left] of cases) {
    const filter = nameFilter(exclude, include);
    const shown = JSON.stringify([exclude, include]);
    for (const name of taken) assert.ok(filter.takesBelow(name, false), `${shown} ${name}`);
    for (const name of left) assert.ok(!filter.takesBelow(name, false), `${shown} ${name}`);
  }
  const filter = nameFilter(["b/"]);
  assert.deepEqual([filter.takes("b", true), filter.takes("b", false)], [false, true]);
});
