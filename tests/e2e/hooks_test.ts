import assert from "node:assert/strict";
import { join } from "node:path";
import { DEFAULT_ACTION_TIMEOUT_MS } from "../../base/action_definition.ts";
import { HOOK_DEADLINE_MS } from "../../base/hook_settings.ts";
import type { TransferResult } from "../../client/mod.ts";
import { Site } from "./harness.ts";

/** Hooks in plain JavaScript, as an executable takes them. */
const MODULE = (folder: string) => `
  /** @param {import("@msquicd/msquicd").HandlerToolkit} toolkit */
  export default ({ defineHooks, ProtocolError }) => [
    defineHooks({
      name: "test.sorting",
      onUploadStart({ name }, { session }) {
        if (name.endsWith(".exe")) {
          throw new ProtocolError("refused", "No programs from " + session.identity.name);
        }
        if (name.endsWith(".bug")) undefined.toString();
        return { name: "${folder}/" + name };
      },
      onDelete({ name }) {
        if (name.includes("keep")) throw new ProtocolError("refused", "It is to be kept");
      },
    }),
  ];
`;

const SCAN = {
  command: [
    "/bin/sh",
    "-c",
    'if grep -q EICAR "$1"; then echo infected; exit 1; fi',
    "sh",
    "{file}",
  ],
  arguments: { file: { file: true } },
};

Deno.test({
  name: "msquicd: hooks of modules and actions rename and refuse what clients store and remove",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using site = await Site.create(2);
    const write = (name: string, text: string) => Deno.writeTextFile(site.path(name), text);
    await write("mine.js", MODULE("first"));
    await write(
      "msquicd.jsonc",
      JSON.stringify({
        handlers: ["./mine.js"],
        actions: { scan: SCAN },
        hooks: { onUploadComplete: { action: "scan" } },
      }),
    );
    const manager = await site.start("--config", site.path("msquicd.jsonc"));

    await Deno.mkdir(site.path("tree/keep"), { recursive: true });
    await write("tree/a.txt", "good");
    await write("tree/b.txt", "EICAR");
    await write("tree/c.exe", "good");
    await write("tree/keep/d.txt", "good");
    const put = await site.run("put", site.path("tree"));
    assert.equal(put.code, 4, put.stderr);
    assert.match(put.stdout, /^first\/tree\/a\.txt \(was tree\/a\.txt\): 4 B/m);
    assert.match(put.stderr, /action "scan" refuses it: infected/);
    assert.match(put.stderr, /no programs from owner/i);
    const names = async () =>
      (await site.json<{ name: string }[]>("ls", "-r")).map(({ name }) => name);
    assert.deepEqual(await names(), ["first/tree/a.txt", "first/tree/keep/d.txt"]);

    await write("x.bug", "x");
    const failed = await site.run("put", site.path("x.bug"));
    assert.equal(failed.code, 1, failed.stderr);
    assert.match(failed.stderr, /"test\.sorting" has failed; its log says why/);
    assert.match(manager.stderr, /onUploadStart.*x\.bug.*mine\.js.*line 10/);

    const removed = await site.run("rm", "-r", "first");
    assert.equal(removed.code, 4, removed.stderr);
    assert.match(removed.stderr, /it is to be kept/i);
    assert.deepEqual(await names(), ["first/tree/keep/d.txt"]);

    const { hooks } = await site.json<{ hooks: unknown[] }>("handlers");
    assert.deepEqual(hooks, [
      {
        ...{ name: "test.sorting", asked: ["onUploadStart", "onDelete"], deadlineMs: 30_000 },
        ...{ module: site.path("mine.js"), action: null },
      },
      {
        ...{ name: "scan", asked: ["onUploadComplete"], module: null, action: "scan" },
        // For its turn, for itself, and for its end.
        deadlineMs: HOOK_DEADLINE_MS + DEFAULT_ACTION_TIMEOUT_MS + 5000,
      },
    ]);
    const { stdout } = await site.run("handlers");
    assert.match(stdout, /^test\.sorting +onUploadStart, onDelete +30\.0 s +\S*mine\.js$/m);
    assert.match(stdout, /^scan +onUploadComplete .* action scan$/m);

    await write("mine.js", MODULE("second"));
    await site.json("restart", "all", "--rolling");
    const [later] = await site.json<TransferResult[]>("put", site.path("tree/a.txt"));
    assert.deepEqual([later?.name, later?.renamedFrom], ["second/a.txt", "a.txt"]);

    const large = site.path("large");
    await Deno.writeFile(large, new Uint8Array(3 * 1024 * 1024));
    assert.equal((await site.run("put", large)).code, 0);
    const staging = join(site.root, ".msquicd", "uploads");
    assert.deepEqual(Array.from(Deno.readDirSync(staging)), []);
  },
});

Deno.test("msquicd: hooks that cannot be run are refused at the start", async () => {
  await using site = await Site.create(1);
  const config = site.path("msquicd.jsonc");
  for (
    const [settings, message] of [
      [{ hooks: { onDelete: { action: "none" } } }, /"none", which actions does not define/],
      [{ hooks: { onUpload: { action: "none" } } }, /one of the keys onUploadStart/],
      [{ handlers: ["./bad.js"] }, /bad\.js", line 2: Cannot define hooks "x": there is no onUp/],
    ] as const
  ) {
    await Deno.writeTextFile(
      site.path("bad.js"),
      "export default ({ defineHooks }) => [\n  defineHooks({ name: 'x', onUp() {} }),\n];\n",
    );
    await Deno.writeTextFile(config, JSON.stringify(settings));
    const ports = site.ports.join(",");
    const started = await site.run(
      "start",
      "--config",
      config,
      "--ports",
      ports,
      "--root",
      site.root,
    );
    assert.equal(started.code, 2, started.stderr);
    assert.match(started.stderr, message);
  }
});
