import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { delay } from "../../base/mod.ts";
import { ReaderGoneError } from "../../cli/errors.ts";
import { Interrupt } from "../../cli/interrupt.ts";

Deno.test("Interrupt stops a command for another reason as well, which it hands on", () => {
  const output = new AbortController();
  using interrupt = new Interrupt(output.signal);
  assert.ok(!interrupt.signal.aborted);
  const reason = new ReaderGoneError();
  output.abort(reason);
  assert.equal(interrupt.signal.reason, reason);
});

// D6
Deno.test({
  name:
    "listenForStop() takes a SIGTERM that is handed on as well for one, a later one for another",
  ignore: Deno.build.os === "windows",
  async fn() {
    const [config = "", program = ""] = ["../../deno.json", "./stopped_process.ts"].map((path) =>
      fileURLToPath(new URL(path, import.meta.url))
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--config", config, program],
      ...{ stdin: "null", stdout: "piped" },
    }).spawn();
    let said = "";
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    async function see(line: string): Promise<void> {
      while (!said.includes(line)) {
        const { value, done } = await output.read();
        assert.ok(!done, `it ends without "${line}": ${said}`);
        said += value;
      }
    }
    await see("listening\n");
    // No more than that: the last one must come within half a second on a slow machine as well.
    for (let echo = 0; echo < 3; echo++) {
      child.kill("SIGTERM");
      await delay(5);
    }
    await see("1 SIGTERM\n");
    await delay(600);
    child.kill("SIGTERM");
    await see("2 SIGTERM\n");
    assert.equal((await output.read()).done, true);
    assert.equal((await child.status).code, 0);
    assert.equal(said, "listening\n1 SIGTERM\n2 SIGTERM\n");
  },
});
