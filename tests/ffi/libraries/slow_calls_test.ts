import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PEER = fileURLToPath(new URL("slow_calls_peer.ts", import.meta.url));

interface Told {
  returned: number[];
  logged: string[];
  reason: string | null;
}

async function runPeer(...permissions: string[]): Promise<Told> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, PEER],
  }).output();
  assert.notEqual(stdout.length, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "callable() says once, and why, that calls are slow where no library can be made",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const [slow, fast] = await Promise.all([
    runPeer("--allow-ffi", "--allow-read", "--allow-env"),
    runPeer("--allow-all"),
  ]);
  assert.deepEqual(slow.returned, [5, 6], "the functions can be called all the same");
  assert.match(slow.reason ?? "", /access/);
  assert.equal(slow.logged.length, 1, slow.logged.join("\n"));
  assert.match(slow.logged[0]!, /^warning: Each call of MsQuic takes 1 µs .*: .*access/);
  assert.deepEqual(fast, { returned: [5, 6], logged: [], reason: null });
});
