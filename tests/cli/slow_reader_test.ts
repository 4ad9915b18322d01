import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withServer } from "../fixtures/server.ts";

const [config = "", program = ""] = ["../../deno.json", "../../main.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url))
);

Deno.test({
  name: "A command ends with the first SIGTERM, also while its reader takes nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withServer(async ({ server, token, fingerprint, directory }) => {
      const storage = join(directory, "storage");
      await Deno.writeFile(join(storage, "large"), new Uint8Array(8 * 1024 * 1024));
      const name = "x".repeat(200);
      for (let file = 0; file < 2000; file++) {
        await Deno.writeFile(join(storage, `${name}-${file}`), new Uint8Array());
      }
      const target = ["--server", server, "--token", token, "--fingerprint", fingerprint];
      async function interrupt(...words: string[]): Promise<void> {
        const child = new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "-A", "--config", config, program, ...words, ...target],
          ...{ stdin: "null", stdout: "piped", stderr: "piped" },
        }).spawn();
        const reader = child.stdout.getReader();
        const { done } = await reader.read();
        assert.equal(done, false);
        child.kill("SIGTERM");
        assert.equal((await child.status).code, 130, words.join(" "));
        assert.match(await new Response(child.stderr).text(), /Interrupted/);
        await reader.cancel();
      }
      await Promise.all([interrupt("get", "large", "-o", "-"), interrupt("ls")]);
    });
  },
});
