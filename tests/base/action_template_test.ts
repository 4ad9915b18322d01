import assert from "node:assert/strict";
import fc from "fast-check";
import { fillTemplate, parseTemplate, TemplateError } from "../../base/action_template.ts";

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/);
const escaped = (text: string) => text.replaceAll(/[{}]/g, "$&$&");

Deno.test("parseTemplate() takes text, braces and placeholders apart", () => {
  assert.deepEqual(parseTemplate("--n={n}{{x}}"), [
    { text: "--n=" },
    { argument: "n" },
    { text: "{x}" },
  ]);
  assert.deepEqual(parseTemplate("{{{n}}}"), [{ text: "{" }, { argument: "n" }, { text: "}" }]);
  assert.deepEqual(parseTemplate(""), []);
  for (const wrong of ["{", "}", "{}", "{a b}", "{1}", "a{b", "{{{", "{__proto__}", "{n}}"]) {
    assert.throws(() => parseTemplate(wrong), TemplateError, wrong);
  }
});

Deno.test("fillTemplate() puts any value in its place, and looks at nothing in it again", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.record({ text: fc.string() }), fc.record({ name, value: fc.string() }))),
    (parts) => {
      const values = new Map<string, string>();
      for (const part of parts) {
        if ("name" in part && !values.has(part.name)) values.set(part.name, part.value);
      }
      const item = parts.map((part) => "text" in part ? escaped(part.text) : `{${part.name}}`);
      const filled = parts.map((part) => "text" in part ? part.text : values.get(part.name));
      assert.equal(fillTemplate(item.join(""), values), filled.join(""));
    },
  ));
  assert.equal(fillTemplate("{a}", new Map([["a", "{b}"], ["b", "no"]])), "{b}");
  assert.throws(() => fillTemplate("{a}", new Map()), TypeError);
});
