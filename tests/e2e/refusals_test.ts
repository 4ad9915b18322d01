import assert from "node:assert/strict";
import { locateLibrary } from "../../ffi/mod.ts";
import { commandLineOf, EXECUTABLE, type Finished, processesOf, Site } from "./harness.ts";

function assertFails(result: Finished, code: number, message: RegExp): void {
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^msquicd: /m);
  assert.doesNotMatch(result.stderr, /\n\s+at /, "no stack trace");
  assert.equal(result.stdout, "");
}

Deno.test("msquicd: refusals have their exit codes, and say what is wrong", async (t) => {
  await using site = await Site.create(1);
  const manager = await site.start();
  const [port] = site.ports;
  const { fingerprint } = manager.report;
  const file = site.path("a.txt");
  await Deno.writeTextFile(file, "one");
  assert.equal((await site.run("put", file)).code, 0);

  await t.step("a wrong token: 4", async () => {
    assertFails(await site.run("ls", "--token", "wrong-token-wrong-token"), 4, /[Tt]oken/);
    const args = ["ls", "--token", "wrong-token-wrong-token", "--json"];
    const { code, stdout } = await site.run(...args);
    assert.equal(code, 4);
    assert.equal(JSON.parse(stdout).error.code, "wrong-token");
  });

  await t.step("a wrong fingerprint: 4, with both fingerprints", async () => {
    const wrong = "0".repeat(64);
    const result = await site.run("ls", "--fingerprint", wrong);
    assertFails(result, 4, new RegExp(wrong));
    assert.match(result.stderr, new RegExp(fingerprint));
  });

  await t.step("a file that exists: 6; replaced only when asked to", async () => {
    await Deno.writeTextFile(file, "two!");
    assertFails(await site.run("put", file), 6, /exists/);
    assert.equal(await Deno.readTextFile(`${site.root}/a.txt`), "one");
    assert.equal((await site.run("put", file, "--overwrite", "always")).code, 0);
    assert.equal(await Deno.readTextFile(`${site.root}/a.txt`), "two!");
    assert.equal((await site.run("get", "a.txt", "-o", file)).code, 0, "it is the same");
    await Deno.writeTextFile(file, "other");
    assertFails(await site.run("get", "a.txt", "-o", file), 6, /a\.txt/);
    assert.equal(await Deno.readTextFile(file), "other");
    await Deno.writeTextFile(file, "two!");
  });

  // C2
  await t.step("a file that is newer, or stands where a directory would: 6", async () => {
    await Deno.utime(file, 1, 1);
    const older = await site.run("put", file, "--overwrite", "newer");
    assertFails(older, 6, /as new or newer; .*--overwrite always/);
    const below = await site.run("put", file, "--to", "a.txt/sub", "--overwrite", "always");
    assertFails(below, 6, /part of the name is a file/);
    assert.doesNotMatch(below.stderr, /--overwrite/);
  });

  await t.step("a file that is not there: 3", async () => {
    assertFails(
      await site.run("get", "none", "-o", site.path("none")),
      3,
      /"none" on .*: no such file/,
    );
    assertFails(await site.run("stat", "none"), 3, /"none" on .*: no such file/);
    assertFails(await site.run("rm", "none"), 3, /"none" on .*: no such file/);
    assertFails(await site.run("put", site.path("none")), 3, /no such file/);
  });

  await t.step("names that are none: 2", async () => {
    const names = ["../a", "/etc/passwd", "a\\b", "C:a", "CON", ".msquicd/uploads/x"];
    await Promise.all(names.map(async (name) => {
      assertFails(await site.run("put", file, "--to", name), 2, /Cannot use/);
      assertFails(await site.run("stat", name), 2, /Cannot use/);
    }));
  });

  await t.step("of several files, those that can be are stored", async () => {
    const other = site.path("b.txt");
    await Deno.writeTextFile(other, "b");
    const same = await site.run("put", file, "--json");
    assert.equal(same.code, 0, same.stderr);
    assert.equal(JSON.parse(same.stdout)[0].skipped, true);
    await Deno.writeTextFile(file, "another");
    const { code, stdout } = await site.run("put", file, other, "--json");
    assert.equal(code, 6);
    const value = JSON.parse(stdout);
    assert.equal(value.error.code, "file-exists");
    assert.deepEqual(value.results.map(({ name }: { name: string }) => name), ["b.txt"]);
    assert.deepEqual(value.failures.map(({ name }: { name: string }) => name), ["a.txt"]);
  });

  await t.step("a server elsewhere gets neither token nor trust by itself: 2", async () => {
    const elsewhere = "127.0.0.2:9";
    assertFails(await site.run("ls", "--server", elsewhere), 2, /fingerprint/);
    assertFails(await site.run("ls", "--server", elsewhere, "--token", "t"), 2, /fingerprint/);
  });

  await t.step("nobody there: 5", async () => {
    const args = ["ls", "--server", "127.0.0.1:9", "--token", "t", "--insecure"];
    assertFails(await site.run(...args), 5, /127\.0\.0\.1:9/);
  });

  await t.step("--server, --token and --fingerprint do without the local instance", async () => {
    const token = (await Deno.readTextFile(`${site.state}/token`)).trim();
    const server = `localhost:9,${port}`;
    const args = ["ls", "--server", server, "--token", token, "--fingerprint", fingerprint];
    const { code, stderr } = await site.run(...args);
    assert.equal(code, 0, stderr);
  });

  await t.step("no command line of the server has its token", async () => {
    const token = (await Deno.readTextFile(`${site.state}/token`)).trim();
    const pids = processesOf(site.instance);
    assert.ok(pids.includes(manager.report.pid));
    for (const pid of [...pids, ...manager.report.workers.map((worker) => worker.pid)]) {
      const line = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      assert.ok(line !== "" && !line.includes(token), String(pid));
    }
  });

  // B5.
  await t.step(
    "who names everything needs no state directory, and who does not hears what is missing",
    async () => {
      const token = (await Deno.readTextFile(`${site.state}/token`)).trim();
      const run = (...args: string[]) => {
        const [program, ...words] = commandLineOf(args);
        // An executable would unpack its libmsquic there.
        const library = EXECUTABLE === undefined ? {} : { MSQUIC_PATH: locateLibrary().path };
        const env = { ...site.env, MSQUICD_STATE_DIR: "/dev/null/none", ...library };
        return site.spawnProgram(program, words, { env }).finished;
      };
      const complete = ["--server", `127.0.0.1:${port}`, "--token", token];
      const pinged = await run("ping", "-n", "1", ...complete, "--fingerprint", fingerprint);
      assert.deepEqual([pinged.code, pinged.stderr], [0, ""]);
      const { code, stderr } = await run("ping", ...complete);
      assert.notEqual(code, 0);
      assert.match(
        stderr,
        /^msquicd: Cannot tell what to connect to: give --fingerprint, --ca, --insecure or/,
      );
    },
  );

  await t.step("the same instance again, or a port that is taken: 6", async () => {
    const again = ["start", "--no-shell", "--root", site.root];
    assertFails(await site.run(...again, "--ports", "1-2"), 6, /already/);
    await using other = await Site.create(1);
    const taken = ["start", "--no-shell", "--root", other.root, "--ports", String(port)];
    assertFails(await other.run(...taken), 6, new RegExp(`${port}`));
    await other.assertNothingLeft();
  });

  assert.equal((await site.run("shutdown")).code, 0);
  assert.equal((await manager.finished).code, 0);
  await site.assertNothingLeft();
});
