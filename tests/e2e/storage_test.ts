import assert from "node:assert/strict";
import { join } from "node:path";
import { Site } from "./harness.ts";

const FILES = 5000;

/** A word that a POSIX shell takes as it stands. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

Deno.test({
  name:
    "msquicd: directories are no files, a long listing ends with its reader, and a storage may be away for a while",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using site = await Site.create(1);
    await site.start();
    const { root } = site;
    await Deno.mkdir(join(root, "d"));
    const names = Array.from({ length: FILES }, (_, index) => `d/${index}-${"x".repeat(60)}`);
    for (const name of names) {
      Deno.openSync(join(root, name), { write: true, create: true }).close();
    }

    // B7
    const commands = [["stat", "d"], ["get", "d"], ["rm", "d"], ["rm", "d/"]];
    const refusals = await Promise.all(commands.map((words) => site.run(...words)));
    for (const { code, stderr } of refusals.slice(0, 3)) {
      assert.equal(code, 6, stderr);
      assert.match(
        stderr,
        /"d" on \S+: name belongs to a directory; name a file in it instead; for all of it/,
      );
    }
    const [, , , slash] = refusals;
    assert.equal(slash?.code, 2);
    assert.match(slash!.stderr, /Cannot use "d\/" as a file name: it ends with a slash/);

    // H2, 1.7
    const listed = await site.json<{ name: string }[]>("ls", "-r");
    assert.deepEqual(listed.map(({ name }) => name), names.toSorted());
    const [program, ...words] = site.commandLine("ls", "-r");
    const line = `${[program, ...words].map(quoted).join(" ")} | head -1`;
    const head = await site.spawnProgram("sh", ["-c", line], { env: site.env }).finished;
    assert.deepEqual(head.stdout.match(/\S+$/gm), [names.toSorted()[0]]);
    assert.equal(head.stderr, "");

    // C5
    await Deno.rename(root, `${root}-away`);
    const away = await Promise.all([
      site.run("ls"),
      site.run("put", join(`${root}-away`, names[0]!), "--to", "new"),
      site.run("ls", "--json"),
      site.run("uploads"),
      site.run("uploads", "rm", "--older", "0s"),
    ]);
    for (const { code, stdout, stderr } of away) assert.equal(code, 5, stdout + stderr);
    assert.equal(JSON.parse(away[2].stdout).error.code, "storage-unavailable");
    await Deno.mkdir(root);
    for (const command of ["ls", "uploads"]) {
      assert.equal((await site.run(command)).code, 5, "another directory is in its place");
    }
    assert.deepEqual(Array.from(Deno.readDirSync(root)), []);
    await Deno.remove(root);
    await Deno.rename(`${root}-away`, root);
    await Deno.remove(join(root, ".msquicd"), { recursive: true });
    const back = await site.run("put", join(root, names[0]!), "--to", "new");
    assert.equal(back.code, 0, back.stderr);
    assert.equal((await site.json<unknown[]>("ls", "-r")).length, FILES + 1);
  },
});
