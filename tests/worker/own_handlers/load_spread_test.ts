import assert from "node:assert/strict";
import { join } from "node:path";
import { loadSpread } from "../../../worker/own_handlers/load_spread.ts";

async function withModule(text: string, test: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-spread-" });
  try {
    const path = join(directory, "load.js");
    await Deno.writeTextFile(path, text);
    await test(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("loadSpread() finds what counts as load", async () => {
  const text =
    "export default { load: ({ sessions, cpuPercent }) => sessions + cpuPercent, margin: 2 };";
  await withModule(text, async (path) => {
    const { load, margin } = await loadSpread(path);
    const worker = { port: 1, sessions: 3, transfers: 0, bytesPerSecond: 0, cpuPercent: 40 };
    assert.equal(load(worker), 43);
    assert.equal(margin, 2);
  });
});

Deno.test("loadSpread() names the module, the line and the reason where it is no measure", async () => {
  const cases: [string, RegExp][] = [
    ["\n\nexport default {", /load\.js", line 3: /],
    [
      "export default { load: 5, margin: 1 };",
      /load\.js": what it exports by default has no function/,
    ],
    ["export default { load: () => 1 };", /has no function load\(\) and no margin/],
    ["export default { load: () => 1, margin: -1 };", /has no function load\(\) and no margin/],
  ];
  for (const [text, message] of cases) {
    await withModule(text, async (path) => {
      await assert.rejects(loadSpread(path), { code: "unusable-spread", message });
    });
  }
  await assert.rejects(loadSpread("/nowhere/load.js"), /there is no such file/);
});
