import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const PROGRAM = `
  import { logToFileWithoutReader } from "./worker/fallback_log.ts";
  import { writeLogLine } from "./log/mod.ts";
  using _logs = logToFileWithoutReader(Deno.args[0]);
  writeLogLine("to the reader");
  await Deno.stdin.read(new Uint8Array(1));
  for (let line = 0; line < 1000; line++) writeLogLine(\`without \${line}\`);
`;

Deno.test("logToFileWithoutReader goes on in a file, from the first line that nobody takes", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-log-" });
  const path = join(directory, "worker-1.log");
  const source = `data:application/typescript,${
    encodeURIComponent(PROGRAM.replaceAll("./", new URL("../../", import.meta.url).href))
  }`;
  const args = ["run", "--quiet", "-A", "--config", CONFIG, source, path];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stderr: "piped" })
    .spawn();
  try {
    const reader = child.stderr.getReader();
    const { value } = await reader.read();
    assert.equal(new TextDecoder().decode(value), "to the reader\n");
    await reader.cancel();
    await child.stdin.close();
    assert.equal((await child.status).code, 0);
    const lines = (await Deno.readTextFile(path)).split("\n");
    assert.deepEqual(lines, [...Array.from({ length: 1000 }, (_, line) => `without ${line}`), ""]);
    if (Deno.build.os !== "windows") {
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
