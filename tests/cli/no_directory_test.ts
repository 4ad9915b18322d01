import assert from "node:assert/strict";
import { join } from "node:path";
import { Output } from "../../cli/text/output.ts";
import { runCommand } from "../../cli/run_command.ts";
import "../fixtures/loaded_msquic.ts";
// Loaded beforehand, as Deno does not load a module where there is no current directory.
import "../../cli/start/run_manager.ts";
import "../../client/mod.ts";
import "../../manager/config/parse_config.ts";
import "../../manager/mod.ts";
import { withoutDirectory } from "../fixtures/without_directory.ts";
import { collector } from "./collector.ts";

const PLAIN = { interactive: false, color: false, columns: 80 };

async function run(...words: string[]) {
  const stdout = collector();
  const stderr = collector();
  const exitCode = await runCommand(words, {
    output: new Output({ json: false, stdout, stderr }),
    stdout: PLAIN,
    stderr: { ...PLAIN, sink: stderr },
    instance: "no-such-instance",
    insideShell: false,
    runShell: () => Promise.resolve(),
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]() {} }),
  }, stdout);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

// B5: nothing is needed that a command has no use for.
Deno.test({
  name: "runCommand() needs no current directory, but for what is named from there",
  ignore: Deno.build.os === "windows", // where a directory that is in use cannot be removed
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-config-" });
    try {
      const file = join(directory, "msquicd.jsonc");
      await Deno.writeTextFile(file, "{}");
      await withoutDirectory(async () => {
        for (const words of [["--version"], ["--help"], ["licenses"], ["config", "check", file]]) {
          const { exitCode, stderr } = await run(...words);
          assert.deepEqual([exitCode, stderr], [0, ""], words.join(" "));
        }
        assert.match((await run("status")).stderr, /No manager is running/);
        for (const words of [["config", "check"], ["start", "--config", "x"], ["start"]]) {
          const { exitCode, stderr } = await run(...words);
          assert.equal(exitCode, 3, words.join(" "));
          assert.match(
            stderr,
            /^msquicd: Cannot find ".*" from here, as the current directory was/,
          );
        }
      });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
