import assert from "node:assert/strict";
import { join } from "node:path";
import { NotPrivateError, stateBase, StateDirectory } from "../../manager/mod.ts";
import { writePrivateFile } from "../../manager/private_files.ts";
import { Sandbox } from "./fixtures/harness.ts";

const posix = Deno.build.os !== "windows";

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
    await assert.rejects(box.state.prepare(), /neither a file nor a directory/);
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

Deno.test("StateDirectory.ensureToken() replaces a token that is empty", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  await writePrivateFile(box.state.tokenFile, "\n");
  assert.match(await box.state.ensureToken(), /^[A-Za-z0-9_-]{43}$/);
});

Deno.test("StateDirectory keeps instance.json, and takes rubbish for none", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const info = {
    instance: box.instance,
    pid: 1,
    host: "127.0.0.1",
    ports: [4433],
    fingerprint: "00",
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
    assert.equal(await box.state.readInstanceInfo(), undefined, rubbish);
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
