import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import {
  startWindowless,
  type WindowlessProcess,
} from "../../../ffi/process/windowless_process_windows.ts";

const ignore = Deno.build.os !== "windows";

/** Says on standard error what it was given, and whether it has a console and a window. */
const SCRIPT = `
const { symbols } = Deno.dlopen("kernel32.dll", {
  GetConsoleCP: { parameters: [], result: "u32" },
  GetConsoleWindow: { parameters: [], result: "u64" },
});
const console = symbols.GetConsoleCP() !== 0;
const window = symbols.GetConsoleWindow() !== 0n;
await Deno.stdout.write(new TextEncoder().encode("lost"));
await Deno.stderr.write(
  new TextEncoder().encode(JSON.stringify({ args: Deno.args, pid: Deno.pid, console, window })),
);
Deno.exit(7);
`;

async function exitCodeOf(child: WindowlessProcess): Promise<number> {
  const deadline = performance.now() + 20_000;
  while (child.exitCode === undefined) {
    assert.ok(performance.now() < deadline, "the process does not end");
    await delay(20);
  }
  return child.exitCode;
}

Deno.test({
  name: "startWindowless() gives a console without a window, and the log file alone",
  ignore,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd windowless " });
    const logFile = join(directory, "a log.txt");
    await Deno.writeTextFile(logFile, "kept\n");
    const args = ["a b", 'c"d', "ü\\"];
    const child = startWindowless({
      path: Deno.execPath(),
      args: ["eval", "--quiet", SCRIPT, "--", ...args],
      logFile,
    });
    assert.equal(await exitCodeOf(child), 7);
    const [kept, said = ""] = (await Deno.readTextFile(logFile)).split("\n");
    assert.equal(kept, "kept");
    assert.deepEqual(JSON.parse(said), { args, pid: child.pid, console: true, window: false });
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test({
  name: "startWindowless() can be ended, and says what cannot be started",
  ignore,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-windowless-" });
    const logFile = join(directory, "log.txt");
    const args = ["eval", "setInterval(() => {}, 1000)"];
    const child = startWindowless({ path: Deno.execPath(), args, logFile });
    assert.equal(child.exitCode, undefined);
    child.terminate();
    assert.equal(await exitCodeOf(child), 1);
    const missing = join(directory, "none.exe");
    const noFile = () => startWindowless({ path: missing, args, logFile });
    assert.throws(noFile, /Cannot start .*none\.exe: Windows error 2$/);
    const noLog = () => startWindowless({ path: missing, args, logFile: join(missing, "log.txt") });
    assert.throws(noLog, /Cannot open .*log\.txt: Windows error 3$/);
    await Deno.remove(directory, { recursive: true });
  },
});
