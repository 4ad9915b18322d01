import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PEER = fileURLToPath(new URL("poll_peer.ts", import.meta.url));

Deno.test("A poll survives that its callbacks make V8 give up the code that polls", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--v8-flags=--no-maglev", PEER],
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, said.slice(0, 500));
  assert.match(said, /survived/);
});
