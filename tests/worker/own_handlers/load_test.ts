import assert from "node:assert/strict";
import { join } from "node:path";
import { builtinHandlers, HandlerRegistry } from "../../../handlers/messages/mod.ts";
import { loadHandlers } from "../../../worker/own_handlers/load.ts";
import { HandlerModuleError } from "../../../worker/own_handlers/module_error.ts";

const GOOD = `
  import { upper } from "./upper.js";
  export default ({ defineMessage, defineHandler, v }) => {
    const body = v.object({ text: v.string() });
    const shout = defineMessage({ type: 0x8000, name: "a.shout", request: body, response: body });
    return [defineHandler(shout, ({ text }) => ({ text: upper(text) }))];
  };
`;

const handler = (type: unknown, name: string) =>
  `{ type: ${type}, name: "${name}", right: "use", handle: () => ({}) }`;

/** Loads modules that are in a directory of their own, by name; the last is named in the configuration. */
async function load(files: Readonly<Record<string, string>>): Promise<HandlerRegistry> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-handlers-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), text);
    }
    const registry = new HandlerRegistry(builtinHandlers());
    await loadHandlers([join(directory, Object.keys(files).at(-1) ?? "none.js")], registry);
    return registry;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("loadHandlers registers what modules export, a list or what makes one", async () => {
  const upper = "export const upper = (text) => text.toUpperCase();";
  const made = await load({ "upper.js": upper, "good.js": GOOD });
  assert.equal(made.find(0x8000)?.name, "a.shout");
  const listed = await load({ "list.js": `export default [${handler("0x8001", "b")}];` });
  assert.equal(listed.find(0x8001)?.name, "b");
  const waits = `export default async () => [${handler("0x8002", "c")}];`;
  assert.equal((await load({ "waits.ts": waits })).find(0x8002)?.name, "c");
});

Deno.test("loadHandlers names file, line and reason of what is wrong with a module", async () => {
  const two = `${handler("0x8000", "one")}, `;
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /"[^"]+\/none\.js": there is no such file$/],
    [{ "a.js": "const a = 1;\nexport default [;\n" }, /a\.js", line 2: (?:Unexpected|Expression)/],
    [{ "a.js": "\n\nthrow new Error('broken');" }, /a\.js", line 3: broken$/],
    [
      { "a.js": "export default () => {\n  nothing();\n};" },
      /a\.js", line 2: nothing is not defin/,
    ],
    [
      { "a.js": 'export { x as default } from "./b.js";' },
      /it imports "[^"]+b\.js", and there is no/,
    ],
    [
      { "b.js": "export const x =\n\n;", "a.js": 'export { x as default } from "./b.js";' },
      /a\.js": "[^"]+\/b\.js", line 3: /,
    ],
    [
      { "a.js": 'import "nobodys-package";' },
      /it imports "nobodys-package", which is not here; w/,
    ],
    [
      { "a.js": "export const x = 1;" },
      /it exports no list of handlers by default, and no function/,
    ],
    [
      { "a.js": "export default () => 5;" },
      /the function that it exports by default returns no list/,
    ],
    [{ "a.js": "export default [5];" }, /make each with defineHandler, or defineHooks$/],
    [
      {
        "a.js":
          "export default ({ defineHooks: d }) =>\n  ['x', 'x'].map((name) => d({ name, onDelete() {} }));",
      },
      /there are hooks "x" already/,
    ],
    [{ "a.js": `export default [${handler(2, "x")}];` }, /"x" has the type 2; those of one's own/],
    [
      { "a.js": `export default [${handler(0x10000, "x")}];` },
      /cannot register handler "x" for typ/,
    ],
    [
      { "a.js": `export default [${two}${handler("0x8000", "two")}];` },
      /"two" for type 32768: "one" has the type already$/,
    ],
    [
      { "a.js": `export default [${two}${handler("0x8001", "one")}];` },
      /"one" for type 32769: type 32768 has the name already$/,
    ],
    [
      {
        "a.js":
          "export default ({ defineMessage: d, v }) => {\n  const x = v.object({});\n  d({ type: 1, name: 'a', request: x, response: x });\n};",
      },
      /a\.js", line 3: Cannot define message "a": its type must be a whole number from 32768/,
    ],
  ];
  for (const [files, message] of cases) {
    await assert.rejects(load(files), (error) => {
      assert.ok(error instanceof HandlerModuleError, String(error));
      assert.equal(error.code, "unusable-handlers");
      assert.match(error.message, /^Cannot load handlers from "/);
      assert.match(error.message, message);
      assert.ok(!/\p{Cc}/u.test(error.message), error.message);
      return true;
    });
  }
});
