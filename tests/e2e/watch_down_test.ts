import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import { names, Site, waitFor } from "./harness.ts";

/** Of the files that are there; those that are on their way have other names, which go any moment. */
function contentsOf(directory: string): Record<string, string> {
  const there = names(directory).filter((name) => !name.endsWith(".part"));
  return Object.fromEntries(
    there.map((name) => [name, Deno.readTextFileSync(join(directory, name))] as const),
  );
}

async function untilHas(directory: string, wanted: Record<string, string>): Promise<void> {
  await waitFor(`${directory} has ${Object.keys(wanted)}`, () => {
    const found = contentsOf(directory);
    return Object.keys(found).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, text]) => found[name] === text);
  }, 60_000);
}

Deno.test("sync --watch follows a server's files at all workers, also when the one that tells is killed", async () => {
  await using site = await Site.create(2);
  const { report: { ports, fingerprint, workers } } = await site.start();
  const token = await site.token();
  const put = async (port: number, name: string, text: string) => {
    const server = `127.0.0.1:${port}`;
    await using client = await connect({ server, token, fingerprint, failover: false });
    await client.put(new TextEncoder().encode(text), name, { overwrite: "always" });
  };
  const [first = 0, second = 0] = ports;
  const here = site.path("here");
  await put(first, "t/a", "1");
  // By the environment alone, and from a state directory that knows no such instance.
  const [program, ...words] = site.commandLine("sync", "t", here, "--watch", "--delete", "--json");
  const watching = site.spawnProgram(program, words.slice(0, -2), {
    env: {
      ...site.env,
      MSQUICD_STATE_DIR: site.path("no-state"),
      MSQUICD_SERVER: `127.0.0.1:${first}`,
      MSQUICD_TOKEN: token,
      MSQUICD_FINGERPRINT: fingerprint,
    },
  });
  await untilHas(here, { a: "1" });
  await put(second, "t/b", "by the other worker");
  await untilHas(here, { a: "1", b: "by the other worker" });

  const pid = workers.find(({ port }) => port === first)?.pid;
  assert.ok(pid);
  Deno.kill(pid, "SIGKILL");
  await put(second, "t/c", "while nobody may have told");
  assert.equal((await site.run("rm", "t/a")).code, 0);
  await untilHas(here, { b: "by the other worker", c: "while nobody may have told" });

  watching.child.kill("SIGINT");
  const { code, stdout, stderr } = await watching.finished;
  assert.equal(code, 130, stderr);
  const rounds = stdout.trimEnd().split("\n").slice(0, -1).map((line) => JSON.parse(line));
  assert.deepEqual(rounds[0].map(({ name }: { name: string }) => name), ["t/a"]);
  assert.ok(rounds.flat().some(({ path, removed }) => removed && path === join(here, "a")));
  await site.json("shutdown");
  await site.assertNothingLeft();
});
