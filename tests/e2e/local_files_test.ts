import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { open } from "node:fs/promises";
import { EXECUTABLE, type Finished, names, Site, sizeOf, SOURCE, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const CLONE = resolve(SOURCE);

interface Failure {
  name: string;
  code: string;
  message: string;
}

/** Lets a shell do what it is told, in a directory. */
async function shell(cwd: string, script: string): Promise<void> {
  const { success } = await new Deno.Command("sh", { args: ["-euc", script], cwd }).output();
  assert.ok(success, script);
}

function assertSays({ code, stderr }: Finished, exit: number, ...messages: RegExp[]): void {
  assert.equal(code, exit, stderr);
  for (const message of messages) assert.match(stderr, message);
  assert.doesNotMatch(stderr, /os error|\n\s+at |(?!\n)\p{Cc}/u);
}

/** A file of so many bytes, none of which takes room. */
async function makeSparse(path: string, size: number): Promise<void> {
  const file = await open(path, "w");
  await file.truncate(size);
  await file.close();
}

function staged(site: Site): string[] {
  return names(join(site.root, ".msquicd", "uploads"));
}

Deno.test({
  name: "msquicd: local files of all kinds, and at all places, are copied or named",
  ignore: Deno.build.os !== "linux",
  fn: (t) => copyAllKinds(t),
});

async function copyAllKinds(t: Deno.TestContext): Promise<void> {
  await using site = await Site.create(1);
  const manager = await site.start();
  const here = site.path("here");
  await Deno.mkdir(here);

  await t.step("of a tree, one bad entry costs that entry", async () => {
    const tree = join(here, "d");
    await shell(
      here,
      String.raw`mkdir -p d/empty d/in; echo 1 >d/ok.txt; echo 2 >"d/$(printf 'caf\351.txt')"
        echo 3 >d/in/x; echo 4 >d/in/y:z; ln -s nowhere d/link; mkfifo d/pipe
        echo 5 >"d/$(printf 'red\033[31m')"; echo 6 >d/run; chmod +x d/run; chmod go-w d/run`,
    );
    const first = await site.run("put", tree);
    assertSays(
      first,
      2,
      /Left out ".*\/link": it is a symbolic link/,
      /Left out ".*\/pipe": it is not a regular file/,
      /caf.*\.txt": its name has bytes that are not UTF-8/,
      /"d\/in\/y:z" as a file name/,
      /red\\u001b/,
      /: 4 of 7 done, 3 failed: /,
    );
    assert.deepEqual(names(join(site.root, "d")), ["empty", "in", "ok.txt", "run"]);
    assert.deepEqual(names(join(site.root, "d", "in")), ["x"]);
    const { mode } = Deno.statSync(join(site.root, "d", "run"));
    assert.equal((mode ?? 0) & 0o777, 0o755);
    const second = await site.run("put", tree, "--overwrite", "newer", "--json");
    assert.equal(second.code, 2);
    const { failures, results } = JSON.parse(second.stdout);
    assert.deepEqual(failures.map(({ code }: Failure) => code), Array(3).fill("invalid-name"));
    assert.equal(results.length, 4);
  });

  await t.step("a tree comes back as it was, is moved and removed", async () => {
    const back = join(here, "back");
    const args = ["get", "-r", "d", "-o", back, "--update"];
    for (const said of [/d\/empty -> .*: empty directory, made/, /d\/run -> .*: skipped/]) {
      const { code, stdout } = await site.run(...args);
      assert.equal(code, 0);
      assert.match(stdout, said);
    }
    assert.deepEqual(names(back), ["empty", "in", "ok.txt", "run"]);
    assert.equal((Deno.statSync(join(back, "run")).mode ?? 0) & 0o777, 0o755);
    assert.equal((await site.run("mv", "d", "e/d")).code, 0);
    const removed = await site.run("rm", "-r", "e");
    assert.equal(removed.stdout, "removed e: 3 files, 1 empty directory\n");
    assert.deepEqual(names(site.root), [".msquicd"]);
  });

  await t.step("what cannot be copied at all is said without a server", async () => {
    const [a, b] = [join(here, "none"), join(here, "neither")];
    const { code, stdout } = await site.run("put", a, b, "--json", "--server", "127.0.0.1:9");
    assert.equal(code, 3);
    const { failures } = JSON.parse(stdout);
    assert.deepEqual(failures.map(({ code }: Failure) => code), ["not-found", "not-found"]);
  });

  await t.step("with --overwrite newer, what is the same is skipped, both ways", async () => {
    await shell(here, "mkdir same; echo 1 >same/a; echo 22 >same/b; : >same/empty");
    const tree = join(here, "same");
    const put = (...flags: string[]) => site.run("put", tree, "--overwrite", "newer", ...flags);
    assertSays(await put(), 0);
    const again = await put();
    assertSays(again, 0);
    assert.equal(again.stdout.match(/: skipped, same as stored$/gm)?.length, 3);
    // One that is newer here, one that is newer there.
    await shell(here, "echo new >same/a; touch -d '2 days ago' same/b");
    await shell(here, "touch -d 'tomorrow' same/a");
    const third = await put();
    assertSays(third, 6, /Cannot store "same\/b" on .*: .*newer/, /: 2 of 3 done, 1 failed/);
    assert.match(third.stdout, /^same\/a: 4 B in [^]*^same\/empty: skipped/m);
    assert.equal(await Deno.readTextFile(join(site.root, "same", "a")), "new\n");
    const copy = join(here, "copy");
    const get = ["get", "same/a", "same/empty", "-o", copy, "--overwrite", "newer", "--json"];
    assert.equal((await site.run(...get)).code, 0);
    const { code, stdout } = await site.run(...get);
    assert.equal(code, 0);
    const server = `127.0.0.1:${site.ports[0]}`;
    assert.deepEqual(JSON.parse(stdout), [
      { name: "same/a", path: join(copy, "a"), bytes: 4, skipped: true, server },
      { name: "same/empty", path: join(copy, "empty"), bytes: 0, skipped: true, server },
    ]);
  });

  await t.step(
    "a file that is cut short while it is sent is named, and nothing of it stays",
    async () => {
      const source = join(here, "s");
      await makeSparse(source, 4096 * MIB);
      const sending = site.spawn("put", source);
      await waitFor("the upload is under way", () => staged(site).length > 0);
      await Deno.truncate(source, MIB);
      const message =
        /^msquicd: Cannot send ".*\/s": it became shorter while it was sent: \d+ bytes/m;
      assertSays(await sending.finished, 1, message);
      await waitFor("nothing stays", () => staged(site).length === 0);
      assert.equal((await site.run("stat", "s")).code, 3);
      await Deno.remove(source);
    },
  );

  await t.step("the system's files are stored with what they hold", async () => {
    assertSays(await site.run("put", "/proc/version"), 0);
    assert.deepEqual(
      await Deno.readFile(join(site.root, "version")),
      await Deno.readFile("/proc/version"),
    );
    assertSays(await site.run("put", "/proc/self/mem"), 1, /Cannot send "\/proc\/self\/mem": /);
  });

  await t.step("a download goes to a new directory, or is refused in a sentence", async () => {
    const copy = join(here, "new", "deep", "file");
    assertSays(await site.run("get", "version", "-o", copy), 0);
    const below = await site.run("get", "version", "-o", join(copy, "x"));
    assert.ok(below.code > 0);
    assertSays(below, below.code, /"[^"]+\/file\/x": a part of its path is a file/);
    assertSays(await site.run("get", "version", "-o", copy), 0);
    await Deno.writeTextFile(copy, "mine");
    const again = await site.run("get", "version", "-o", copy);
    assertSays(again, 6, /file": a file is there already; .*--overwrite always, or .* -o PATH$/m);
    await Deno.symlink(copy, `${copy}-link`);
    const overLink = ["get", "version", "-o", `${copy}-link`, "--overwrite", "always"];
    const link = await site.run(...overLink);
    assertSays(link, 4, /file-link": it is a symbolic link; remove it, or .* -o PATH$/m);
    assertSays(await site.run("get", "version", "-o", "/dev/null"), 0);
    assertSays(await site.run("get", "version", "-o", "/dev/full"), 7, /"\/dev\/full": no space/);
    assert.ok((await Deno.lstat("/dev/null")).isCharDevice);
  });

  await t.step("an interrupted download says what is kept, and goes on", async () => {
    const name = `${"x".repeat(251)}.bin`;
    await makeSparse(join(site.root, name), 384 * MIB);
    const places = join(here, "parts");
    const args = ["get", name, "-o", join(places, name)];
    const first = site.spawn(...args);
    await waitFor(
      "the download is under way",
      () => names(places).some((part) => sizeOf(join(places, part)) > 4 * MIB),
    );
    first.child.kill("SIGINT");
    assertSays(await first.finished, 130, /MiB of "x+\.bin" are kept in "/, /Interrupted/);
    assert.equal(names(places).length, 1);
    const { code, stdout } = await site.run(...args, "--json");
    assert.equal(code, 0, stdout);
    assert.ok(JSON.parse(stdout)[0].resumedFrom >= 4 * MIB);
    assert.deepEqual(names(places), [name]);
  });

  await t.step("pipes are read and written as they come", async () => {
    const source = join(here, "source");
    await Deno.writeFile(source, crypto.getRandomValues(new Uint8Array(65_536)));
    const words = site.commandLine("$@").map((word) => word === "$@" ? '"$@"' : `'${word}'`);
    const prelude = `msquicd() { ${words.join(" ")}; }\n`;
    const script = (text: string) => {
      const env = { ...site.env, S: source, R: site.root };
      return site.spawnProgram("bash", ["-uc", prelude + text], { env, cwd: here }).finished;
    };
    const piped = await script(`
      set -e
      for i in $(seq 100); do cat $S; done > large
      cat large | msquicd put - --to piped/large
      cmp large $R/piped/large
      echo small | msquicd put /dev/stdin --to piped/small
      test "$(cat $R/piped/small)" = small
      mkfifo fifo
      cat large > fifo &
      msquicd put fifo --to piped/fifo
      cmp large $R/piped/fifo
      cat fifo > from-fifo &
      msquicd get piped/large -o fifo
      wait
      cmp large from-fifo
      msquicd get piped/small piped/large piped/small -o - | cmp - <(echo small; cat large; echo small)
      test -p fifo`);
    assert.equal(piped.code, 0, piped.stderr);
    const gone = await script("msquicd get piped/large -o - | head -c 5; exit ${PIPESTATUS[0]}");
    assert.deepEqual([gone.code, gone.stderr], [141, ""]);
    const [program, ...args] = site.commandLine("put", "-", "--to", "piped/interrupted");
    const options = { args, env: site.env, stdin: "piped", stderr: "null" } as const;
    const endless = new Deno.Command(program, options).spawn();
    const input = endless.stdin.getWriter();
    await input.write(new Uint8Array(2 * MIB));
    await waitFor("it is under way", () => staged(site).length > 0);
    endless.kill("SIGINT");
    assert.equal((await endless.status).code, 130);
    await input.abort().catch(() => {});
    await waitFor("nothing is left of it", () => staged(site).length === 0);
  });

  await t.step("paths are those of the directory that a task is called in", async () => {
    if (EXECUTABLE !== undefined) return;
    site.program = SOURCE;
    const called = async (initial: string, cwd: string, path: string) => {
      const [program, ...words] = site.commandLine("put", path, "--overwrite", "always");
      const env = { ...site.env, INIT_CWD: initial };
      return (await site.spawnProgram(program, words, { env, cwd }).finished).code;
    };
    assert.equal(await called(join(here, "same"), CLONE, "b"), 0);
    assert.equal(await called(CLONE, CLONE, "README.md"), 0);
    assert.equal(await called(join(here, "gone"), CLONE, "README.md"), 0);
    // Elsewhere it is left over from something else.
    assert.equal(await called(CLONE, join(here, "same"), "b"), 0);
    assert.equal(await called(CLONE, join(here, "same"), "README.md"), 3);
  });

  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
  await site.assertNothingLeft();
}
