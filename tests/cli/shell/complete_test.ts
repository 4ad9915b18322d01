import assert from "node:assert/strict";
import { join } from "node:path";
import { completeLine } from "../../../cli/shell/complete.ts";
import { Output } from "../../../cli/text/output.ts";
import { collector } from "../collector.ts";

const PLAIN = { interactive: false, color: false, columns: 80 };

function complete(line: string): Promise<[string[], string]> {
  const sink = collector();
  return completeLine(line, {
    process: { stdout: sink, stderr: sink },
    output: new Output({ json: false, stdout: sink, stderr: sink }),
    stdout: PLAIN,
    stderr: { ...PLAIN, sink },
    instance: "default",
    insideShell: true,
    runShell: () => Promise.resolve(),
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]() {} }),
  });
}

Deno.test("completeLine() proposes commands, flags and values", async () => {
  assert.deepEqual(await complete("sta"), [["start ", "status ", "stat "], "sta"]);
  assert.deepEqual(await complete("  ex"), [["exit "], "ex"]);
  assert.deepEqual(await complete("shutdown --n"), [["--now "], "--n"]);
  assert.deepEqual(await complete("put --overwrite n"), [["never ", "newer "], "n"]);
  assert.deepEqual(await complete("config c"), [["check "], "c"]);
  assert.deepEqual(await complete("restart --ro"), [["--rolling "], "--ro"]);
  assert.deepEqual(await complete("nonsense x"), [[], "x"]);
  assert.deepEqual(await complete('put "a'), [[], 'put "a']);
});

Deno.test("completeLine() proposes every command on an empty line, and no flags", async () => {
  const [words] = await complete("");
  assert.ok(words.includes("status "));
  assert.ok(words.includes("help "));
  assert.ok(!words.some((word) => word.startsWith("-")));
});

Deno.test("completeLine() proposes local files for put", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-complete-" });
  try {
    await Deno.mkdir(join(directory, "photos"));
    await Deno.writeTextFile(join(directory, "phone.txt"), "");
    await Deno.writeTextFile(join(directory, "other.txt"), "");
    const typed = `${directory}/ph`;
    const [words, replaced] = await complete(`put ${typed}`);
    assert.deepEqual(words, [`${directory}/phone.txt `, `${directory}/photos/`]);
    assert.equal(replaced, typed);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
