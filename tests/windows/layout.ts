import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Stage } from "./stage.ts";
import { NotChecked } from "./transcript.ts";

const TEST = fileURLToPath(new URL("../ffi/layout_test.ts", import.meta.url));

/** Whether the sizes and offsets that the executable uses are those of the C headers for Windows. */
export async function layout({ transcript }: Stage): Promise<void> {
  await transcript.check("layout of MsQuic's structures, by mingw-w64", async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--filter", "abi tables for Windows", TEST],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(success, text + new TextDecoder().decode(stderr));
    const [, reason] = /\(ignored: (.*?)\)/.exec(text) ?? [];
    if (reason !== undefined) throw new NotChecked(reason);
    assert.match(text, /1 passed/);
    return "as in the headers of the crate";
  });
}
