import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { logToFile, writeLogLine } from "../../log/mod.ts";
import { LogIsLinkError, RotatingFile } from "../../log/rotating_file.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const PROGRAM = `
  import { logToFileWithoutReader, writeLogLine } from "./log/mod.ts";
  await using _logs = logToFileWithoutReader(Deno.args[0]);
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

async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-log-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function linesOf(path: string): string[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n");
}

Deno.test("logToFile() writes all lines by the time it is disposed of", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "manager.log");
    await Deno.writeTextFile(path, "before\n");
    {
      await using _log = logToFile(path);
      for (let line = 0; line < 1000; line++) writeLogLine(`line ${line}`);
    }
    const expected = Array.from({ length: 1000 }, (_, line) => `line ${line}`);
    assert.deepEqual(linesOf(path), ["before", ...expected]);
  }));

// F4
Deno.test("RotatingFile bounds the file and how many are kept, and keeps the newest", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "log");
    using file = new RotatingFile(path, { maxBytes: 100, kept: 2 });
    for (let line = 10; line < 60; line++) {
      await file.write(new TextEncoder().encode(`this is the line ${line}\n`));
    }
    const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
    assert.deepEqual(names, ["log", "log.1", "log.2"]);
    for (const name of names) assert.ok(Deno.statSync(join(directory, name)).size <= 100);
    const kept = ["log.2", "log.1", "log"].flatMap((name) => linesOf(join(directory, name)));
    const newest = Array.from({ length: kept.length }, (_, at) => 60 - kept.length + at);
    assert.deepEqual(kept, newest.map((line) => `this is the line ${line}`));
    assert.ok(kept.length > 8);
  }));

// F4
Deno.test("RotatingFile begins a file anew that was renamed or removed", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "log");
    const write = async (text: string) => void await file.write(new TextEncoder().encode(text));
    using file = new RotatingFile(path, { lookMs: 0 });
    await write("one\n");
    await Deno.rename(path, `${path}-20261130`);
    await write("two\n");
    await Deno.remove(path);
    await write("three\n");
    assert.deepEqual(linesOf(`${path}-20261130`), ["one"]);
    assert.deepEqual(linesOf(path), ["three"]);
  }));

Deno.test({
  name: "RotatingFile follows no link",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withDirectory(async (directory) => {
      const path = join(directory, "log");
      await Deno.symlink(join(directory, "other"), path);
      using file = new RotatingFile(path);
      await assert.rejects(() => file.write(new Uint8Array(1)), LogIsLinkError);
    }),
});
