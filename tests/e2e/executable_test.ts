import assert from "node:assert/strict";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { programFile } from "../../program_files.ts";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";
import { EXECUTABLE, type Finished, isAlive, names, Site, waitFor } from "./harness.ts";

/** Where the header of an ELF file of 64 bits has them (the System V ABI's `Elf64_Ehdr`). */
const ELF = { sectionsAt: 40, sectionSize: 58, sectionCount: 60 } as const;
const FILE_NAME = basename(EXECUTABLE ?? "");

/** A test of what an executable does otherwise than the source. */
function executableTest(name: string, fn: (site: Site, executable: string) => Promise<void>): void {
  Deno.test({
    name: `executable: ${name}`,
    ignore: EXECUTABLE === undefined,
    async fn() {
      await using site = await Site.create(2);
      await fn(site, EXECUTABLE ?? "");
    },
  });
}

/** What `deno compile` has appended to the runtime, which ends with the table of its sections. */
async function appendedTo(executable: string): Promise<string> {
  const bytes = await Deno.readFile(executable);
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(ELF.sectionsAt, true));
  const size = view.getUint16(ELF.sectionSize, true) * view.getUint16(ELF.sectionCount, true);
  return new TextDecoder("latin1").decode(bytes.subarray(table + size));
}

function assertDone({ code, stderr }: Finished): void {
  assert.equal(code, 0, stderr);
}

executableTest("--version tells of msquicd, its commit, Deno and MsQuic", async (site, program) => {
  const { env } = site;
  const version = await site.spawnProgram(program, ["--version"], { env }).finished;
  assertDone(version);
  assert.match(
    version.stdout,
    /^msquicd \d+\.\d+\.\d+ \((?:[0-9a-f]{12}(?:-dirty)?|unknown), \w+ x86_64\)$/m,
  );
  assert.match(version.stdout, /^Deno \d+\.\d+\.\d+ \(V8 .+\)$/m);
  assert.match(version.stdout, /^MsQuic 2\.\d+\.\d+$/m);
});

executableTest("licenses prints the notices of what is in it", async (site, program) => {
  const { env } = site;
  const { code, stdout } = await site.spawnProgram(program, ["licenses"], { env }).finished;
  assert.equal(code, 0);
  for (const name of ["MIT License", "## MsQuic", "## OpenSSL", "## Deno", "## V8", "## esbuild"]) {
    assert.ok(stdout.includes(name), name);
  }
});

executableTest("carries the bundled program, without sources and packages", async (_, program) => {
  const carried = await appendedTo(program);
  for (const expected of ["async function run(args) {", "THIRD_PARTY_NOTICES.md", "library.json"]) {
    assert.ok(carried.includes(expected), expected);
  }
  const source = Deno.readTextFileSync(programFile("main.ts"));
  const line = source.split("\n").find((line) => line.startsWith("async function run(")) ?? "";
  assert.match(line, /: string\[\]/);
  for (const forbidden of [line, "node_modules/", "deno.lock", "sourcesContent"]) {
    assert.ok(!carried.includes(forbidden), forbidden);
  }
});

executableTest("its stack traces lead to the source", async (site, program) => {
  const env = { ...site.env, MSQUICD_DEBUG: "1" };
  const args = ["status", "--instance", site.instance];
  const { code, stderr } = await site.spawnProgram(program, args, { env }).finished;
  assert.equal(code, 3, stderr);
  const [, path = "", line] =
    /\n {4}at \w+ \(file:.*?\/(manager\/.*\.ts):(\d+):\d+\)\n/.exec(stderr) ?? [];
  const lines = (await Deno.readTextFile(programFile(path))).split("\n");
  assert.match(lines[Number(line) - 1] ?? "", /new ManagerNotRunningError\(/, stderr);
});

executableTest("its libmsquic is unpacked once, and put right", async (site, program) => {
  const { env } = site;
  const run = () => site.spawnProgram(program, ["--version"], { env }).finished;
  const directory = site.path("state", ".library");
  assert.match((await run()).stdout, /^MsQuic 2/m);
  const [name, ...others] = names(directory);
  assert.ok(name);
  assert.deepEqual(others, []);
  const path = join(directory, name);
  const first = await Deno.stat(path);
  assert.match((await run()).stdout, /^MsQuic 2/m);
  assert.equal((await Deno.stat(path)).ino, first.ino);
  await Deno.writeTextFile(path, "hostile");
  assert.match((await run()).stdout, /^MsQuic 2/m);
  assert.equal((await Deno.stat(path)).size, first.size);
  assert.deepEqual(names(directory), [name]);
});

executableTest("says why there is no libmsquic to be had", async (site, program) => {
  const blocked = site.path("blocked");
  await Deno.mkdir(blocked);
  await Deno.writeTextFile(join(blocked, ".library"), "");
  const cases: [Record<string, string>, RegExp][] = [
    [{ MSQUICD_STATE_DIR: blocked }, /Cannot unpack libmsquic to .*a file is in the way/],
    [{ MSQUIC_PATH: site.path("none") }, /Cannot find libmsquic: MSQUIC_PATH is .*none/],
  ];
  for (const [variables, message] of cases) {
    const env = { ...site.env, ...variables };
    const version = await site.spawnProgram(program, ["--version"], { env }).finished;
    assertDone(version);
    assert.match(version.stdout, /^No MsQuic: /m);
    assert.match(version.stdout, message);
    const args = ["ping", "--server", "127.0.0.1:9", "--token", "0".repeat(16), "--insecure"];
    const ping = await site.spawnProgram(program, args, { env }).finished;
    assert.equal(ping.code, 1);
    assert.match(ping.stderr, message);
  }
});

// B4
executableTest("looks for a place that libmsquic can be loaded from", async (site, program) => {
  if (!mayMount) return;
  const [cache, temporary] = [site.path("cache"), site.path("temporary")];
  await using disk = await mountMemory(cache, "mode=0700,noexec");
  if (disk === undefined) return;
  await Deno.mkdir(temporary, { mode: 0o700 });
  const env = {
    ...site.env,
    MSQUICD_STATE_DIR: "",
    XDG_STATE_HOME: site.path("states"),
    XDG_CACHE_HOME: cache,
    TMPDIR: temporary,
  };
  const run = (...args: string[]) =>
    site.spawnProgram(program, [...args, "--instance", site.instance], { env }).finished;
  const start = ["start", "--detach", "--ports", site.ports.join(","), "--root", site.root];
  assertDone(await run(...start));
  assertDone(await run("shutdown"));
  assert.deepEqual(names(join(cache, "msquicd")), []);
  await Deno.remove(temporary, { recursive: true });
  await using other = await mountMemory(temporary, "mode=0700,noexec");
  assert.ok(other);
  const refused = await run("start", "--no-shell", ...start.slice(2));
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^msquicd: Cannot unpack libmsquic to .* MSQUIC_PATH to .*\n$/);
  assert.equal(refused.stderr.split("mounted with noexec").length, 3, "once for each place");
});

executableTest("works in an empty directory, with an empty environment", async (site, program) => {
  const cwd = site.path("empty");
  await Deno.mkdir(cwd);
  // There is only the user's own home then.
  const cache = join(homedir(), ".cache", "msquicd");
  const hadCache = names(dirname(cache)).includes("msquicd");
  const state = join(homedir(), ".local", "state", "msquicd", site.instance);
  const run = (...args: string[]) =>
    site.spawnProgram(program, [...args, "--instance", site.instance], { cwd, clearEnv: true });
  try {
    const manager = run("start", "--json", "--ports", site.ports.join(","));
    await waitFor("the manager is ready", () => manager.stdout.endsWith("\n"));
    await Deno.writeTextFile(join(cwd, "a.txt"), "hello");
    assertDone(await run("put", "a.txt").finished);
    assertDone(await run("get", "a.txt", "-o", "b.txt").finished);
    assert.equal(await Deno.readTextFile(join(cwd, "b.txt")), "hello");
    assertDone(await run("shutdown").finished);
    assertDone(await manager.finished);
    assert.deepEqual(names(cwd), ["a.txt", "b.txt", "storage"]);
  } finally {
    await Deno.remove(state, { recursive: true });
    if (!hadCache) await Deno.remove(cache, { recursive: true });
  }
});

executableTest(
  "works from a path with spaces and letters of any language",
  async (site, program) => {
    const folder = site.path("Prográmme und 程序", "a'b");
    await Deno.mkdir(folder, { recursive: true });
    const moved = join(folder, `ms quïcd ${FILE_NAME}`);
    await Deno.copyFile(program, moved);
    const { env } = site;
    const run = (...args: string[]) =>
      site.spawnProgram(moved, [...args, "--instance", site.instance], { env, cwd: folder });
    const ports = site.ports.join(",");
    const started = await run("start", "--detach", "--json", "--ports", ports).finished;
    assertDone(started);
    const report: { workers: { pid: number; state: string }[] } = JSON.parse(started.stdout);
    assert.deepEqual(report.workers.map(({ state }) => state), ["ready", "ready"]);
    assertDone(await run("put", moved, "--to", "copy").finished);
    assert.deepEqual(names(join(folder, "storage")), [".msquicd", "copy"]);
    assertDone(await run("shutdown").finished);
    await waitFor("its workers are gone", () => !report.workers.some(({ pid }) => isAlive(pid)));
    await site.assertNothingLeft();
  },
);
