import assert from "node:assert/strict";
import { join } from "node:path";
import { NotPrivateError, stateBase, StateDirectory, StateError } from "../../../manager/mod.ts";
import { ensureCertificate } from "../../../manager/state/certificate.ts";
import { certificateSource } from "../../../manager/state/certificate_source.ts";
import { InstanceLock } from "../../../manager/state/instance_lock.ts";
import { PortMemory } from "../../../manager/ports/port_memory.ts";
import { overwritePrivateFile, writePrivateFile } from "../../../manager/state/private_files.ts";
import { readLedger, SegmentLedger } from "../../../manager/state/segment_ledger.ts";
import { refusedBySystem } from "../../../manager/state/state_errors.ts";
import { Sandbox } from "../fixtures/harness.ts";

const posix = Deno.build.os !== "windows";

async function ensureOwn(state: StateDirectory): Promise<void> {
  await ensureCertificate(certificateSource(state, {}), { host: "127.0.0.1" });
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

Deno.test({
  name: "StateDirectory makes directories and files for the owner alone",
  ignore: !posix,
  async fn() {
    await using box = new Sandbox();
    const before = Deno.umask(0);
    try {
      await box.state.prepare();
      await box.state.ensureToken();
    } finally {
      Deno.umask(before);
    }
    assert.equal(modeOf(box.state.base), 0o700);
    assert.equal(modeOf(box.state.path), 0o700);
    assert.equal(modeOf(box.state.tokenFile), 0o600);
    await box.state.prepare();
  },
});

Deno.test({
  name: "StateDirectory.prepare() refuses a directory others can get at, and says how to mend it",
  ignore: !posix,
  async fn() {
    await using box = new Sandbox();
    await box.state.prepare();
    for (const mode of [0o750, 0o701, 0o777]) {
      Deno.chmodSync(box.state.path, mode);
      await assert.rejects(box.state.prepare(), (error) => {
        assert.ok(error instanceof NotPrivateError);
        assert.match(error.message, /chmod go= /);
        return true;
      });
    }
  },
});

Deno.test({
  name: "StateDirectory.prepare() refuses a symbolic link and a file",
  ignore: !posix,
  async fn() {
    await using box = new Sandbox();
    Deno.mkdirSync(box.state.base, { mode: 0o700 });
    Deno.mkdirSync(join(box.path, "elsewhere"), { mode: 0o700 });
    Deno.symlinkSync(join(box.path, "elsewhere"), box.state.path);
    await assert.rejects(box.state.prepare(), /it is a symbolic link, .*MSQUICD_STATE_DIR/);
    Deno.removeSync(box.state.path);
    Deno.writeTextFileSync(box.state.path, "", { mode: 0o600 });
    await assert.rejects(box.state.prepare(), /it is a file, not a directory; .*MSQUICD_STATE_DIR/);
    const below = new StateDirectory(box.instance, join(box.state.path, "below"));
    await assert.rejects(below.prepare(), (error) => {
      assert.ok(error instanceof StateError);
      assert.match(
        error.message,
        /^Cannot make state directory ".*": a part of the path is a file, not a directory; .*MSQUICD_STATE_DIR$/,
      );
      return true;
    });
  },
});

Deno.test({
  name: "StateDirectory.prepare() refuses another user's directory",
  ignore: !posix || Deno.uid() !== 0,
  async fn() {
    await using box = new Sandbox();
    await box.state.prepare();
    Deno.chownSync(box.state.path, 12345, 12345);
    await assert.rejects(box.state.prepare(), /belongs to user 12345/);
  },
});

Deno.test({
  name: "StateDirectory.readToken() refuses a token others can read",
  ignore: !posix,
  async fn() {
    await using box = new Sandbox();
    await box.state.prepare();
    await box.state.ensureToken();
    Deno.chmodSync(box.state.tokenFile, 0o644);
    await assert.rejects(box.state.readToken(), NotPrivateError);
  },
});

Deno.test("StateDirectory.ensureToken() makes 32 random bytes, once", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  assert.equal(await box.state.readToken(), undefined);
  const token = await box.state.ensureToken();
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(await box.state.ensureToken(), token);
  assert.equal(await box.state.readToken(), token);
});

Deno.test("a token that cannot be one is refused with the reason, and stays as it is", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const cases: [string, RegExp][] = [
    ["", /it is empty/],
    ["\n", /it is empty/],
    ["secret", /it has 6 characters, which can be guessed/],
    ["my own good secret token", /it has blanks/],
    ["correcthorse\nbatterystaple", /line breaks/],
    ["pässwörter-sind-lang", /other than ASCII/],
    ["x".repeat(513), /it has 513 characters/],
  ];
  for (const [text, reason] of cases) {
    await writePrivateFile(box.state.tokenFile, text);
    for (const attempt of [() => box.state.ensureToken(), () => box.state.readToken()]) {
      await assert.rejects(attempt(), (error) => {
        assert.ok(error instanceof StateError);
        assert.match(error.message, reason);
        assert.match(
          error.message,
          /write one of 16 to 512 .* or remove the file to get a new one$/,
        );
        if (text.trim() !== "") assert.equal(error.message.includes(text), false, "tells it");
        return true;
      });
    }
    assert.equal(Deno.readTextFileSync(box.state.tokenFile), text);
  }
  await Deno.remove(box.state.tokenFile);
  assert.match(await box.state.ensureToken(), /^[A-Za-z0-9_-]{43}$/);
});

/** What can be in place of a file, and what is said of it. */
const ODD_PLACES: readonly [string, (path: string) => void, RegExp][] = [
  ["a directory", (path) => Deno.mkdirSync(path), /it is a directory; remove it/],
  ["a link", (path) => linkTo(`${path}.target`, path), /it is a symbolic link, .*; remove it/],
  ["a link to nothing", (path) => Deno.symlinkSync("nowhere", path), /it is a symbolic link/],
  ["a pipe", makePipe, /it is neither a file nor a directory; remove it/],
  ["too much", (path) => write(path, "x".repeat(1024 * 1024 + 1)), /1048577 bytes/],
  ["everybody's", (path) => write(path, "x", 0o666), /others can get at it/],
];

function write(path: string, text: string, mode = 0o600): void {
  Deno.writeTextFileSync(path, text, { mode });
  Deno.chmodSync(path, mode);
}

function linkTo(target: string, path: string): void {
  write(target, "precious");
  Deno.symlinkSync(target, path);
}

function makePipe(path: string): void {
  const { success } = new Deno.Command("mkfifo", { args: ["-m", "600", path] }).outputSync();
  assert.ok(success);
}

for (const [what, make, reason] of ODD_PLACES) {
  Deno.test({
    name: `a file of the state directory that is ${what} is refused by each of its readers`,
    ignore: !posix,
    async fn() {
      const readers: [keyof StateDirectory, (state: StateDirectory) => Promise<unknown>][] = [
        ["tokenFile", (state) => state.ensureToken()],
        ["certificateFile", ensureOwn],
        ["privateKeyFile", ensureOwn],
        ["instanceFile", (state) => state.readInstanceInfo()],
        ["segmentsFile", (state) => readLedger(state.segmentsFile)],
        ["segmentsFile", (state) => new SegmentLedger(state.segmentsFile).load()],
        ["portsFile", (state) => PortMemory.open(state.portsFile)],
        ...(what === "too much"
          ? []
          : [["lockFile", lock]] as [keyof StateDirectory, typeof lock][]),
      ];
      for (const [file, read] of readers) {
        await using box = new Sandbox();
        await box.state.prepare();
        const path = String(box.state[file]);
        make(path);
        const before = Deno.lstatSync(path);
        await assert.rejects(read(box.state), (error) => {
          assert.ok(error instanceof StateError || error instanceof NotPrivateError, `${error}`);
          assert.match(error.message, reason);
          assert.ok(error.message.includes(path));
          return true;
        });
        const { ino, size } = Deno.lstatSync(path);
        assert.deepEqual([ino, size], [before.ino, before.size], `${file} was replaced`);
        if (what === "a link") assert.equal(Deno.readTextFileSync(`${path}.target`), "precious");
      }
    },
  });
}

async function lock(state: StateDirectory): Promise<void> {
  (await InstanceLock.acquire(state))[Symbol.dispose]();
}

Deno.test("what others could put in place of the lock's file is not written over", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  await lock(box.state);
  assert.equal(Deno.readTextFileSync(box.state.lockFile), `${Deno.pid}\n`);
  if (!posix) return;
  const target = join(box.path, "precious");
  Deno.writeTextFileSync(target, "precious", { mode: 0o600 });
  await Deno.remove(box.state.lockFile);
  Deno.symlinkSync(target, box.state.lockFile);
  await assert.rejects(lock(box.state), StateError);
  await assert.rejects(overwritePrivateFile(box.state.lockFile, "1"), /it is a symbolic link/);
  assert.equal(Deno.readTextFileSync(target), "precious");
});

Deno.test("StateDirectory keeps instance.json, and tells rubbish from none", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const info = {
    instance: box.instance,
    pid: 1,
    host: "127.0.0.1",
    ports: [4433],
    fingerprint: "00",
    fingerprints: ["00", "01"],
    control: "x",
    version: "0.1.0",
  };
  assert.equal(await box.state.readInstanceInfo(), undefined);
  await box.state.writeInstanceInfo(info);
  assert.deepEqual(await box.state.readInstanceInfo(), info);
  for (
    const rubbish of ["", "{", "null", "[]", '{"pid":"1"}', JSON.stringify({ ...info, ports: 1 })]
  ) {
    await writePrivateFile(box.state.instanceFile, rubbish);
    await assert.rejects(box.state.readInstanceInfo(), (error) => {
      assert.ok(error instanceof StateError);
      assert.match(error.message, /^Cannot understand ".*instance\.json"/);
      assert.ok(error.message.includes(`start --instance ${box.instance}`));
      return true;
    });
  }
  // What an older manager has written.
  const { fingerprints: _none, ...older } = info;
  await writePrivateFile(box.state.instanceFile, JSON.stringify(older));
  assert.deepEqual(await box.state.readInstanceInfo(), { ...info, fingerprints: ["00"] });
});

Deno.test("a file of the system's refusals says which, and what to do", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const cases: [string, string, RegExp][] = [
    ["EACCES", "permission-denied", /permission is denied; do/],
    ["EROFS", "permission-denied", /the file system is read-only; do/],
    ["ENOSPC", "no-space", /no space is left on the device; do/],
    ["EMFILE", "unusable-state", /this process has too many files open; do/],
  ];
  for (const [system, code, message] of cases) {
    const error = refusedBySystem(
      `write "x"`,
      Object.assign(new Error("raw"), { code: system }),
      "do",
    );
    assert.equal(error.code, code);
    assert.match(error.message, message);
  }
});

Deno.test("StateDirectory.tidy() removes what a crash left, and nothing else", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const token = await box.state.ensureToken();
  Deno.writeTextFileSync(join(box.state.path, ".cert.pem.0123456789ab.tmp"), "half");
  Deno.writeTextFileSync(join(box.state.path, "mine.tmp"), "a user's");
  await writePrivateFile(box.state.instanceFile, "{}");
  await box.state.tidy();
  const left = [...Deno.readDirSync(box.state.path)].map(({ name }) => name).sort();
  assert.deepEqual(left, ["mine.tmp", "token"]);
  assert.equal(await box.state.readToken(), token);
});

Deno.test("stateBase() follows the environment", () => {
  const names = ["MSQUICD_STATE_DIR", "XDG_STATE_HOME"];
  const before = names.map((name) => Deno.env.get(name));
  try {
    Deno.env.set("MSQUICD_STATE_DIR", "relative");
    assert.equal(stateBase(), join(Deno.cwd(), "relative"));
    assert.equal(new StateDirectory("a").path, join(Deno.cwd(), "relative", "a"));
    Deno.env.delete("MSQUICD_STATE_DIR");
    if (!posix) return;
    Deno.env.set("XDG_STATE_HOME", "/x/state");
    assert.equal(stateBase(), "/x/state/msquicd");
    Deno.env.set("XDG_STATE_HOME", "relative");
    assert.match(stateBase(), /\/\.local\/state\/msquicd$/);
  } finally {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    });
  }
});
