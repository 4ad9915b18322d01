import assert from "node:assert/strict";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { machineProbes } from "../../ffi/msquic/locate.ts";
import { Checkout } from "./checkout.ts";

// The programs of the checkout are shell scripts.
const ignore = Deno.build.os === "windows";
const systemHasOne = machineProbes().canLoad(machineProbes().fileName);

Deno.test({ name: "build.ts builds once, and says so", ignore }, async () => {
  await using checkout = await Checkout.create();
  const first = await checkout.run("build.ts");
  assert.equal(first.code, 0, first.output);
  assert.match(first.output, /Building libmsquic, once/);
  assert.match(first.output, /Built .*libmsquic.* in \d+ s/);
  const second = await checkout.run("build.ts");
  assert.equal(second.code, 0);
  assert.match(second.output, /is up to date/);
  assert.equal(await checkout.cargoCalls(), 1);
  const files = await readdir(dirname(checkout.library));
  assert.deepEqual(files.filter((file) => file.endsWith(".tmp")), []);
});

Deno.test({ name: "build.ts builds again when Cargo.lock has changed", ignore }, async () => {
  await using checkout = await Checkout.create();
  await checkout.run("build.ts");
  await appendFile(join(checkout.root, "native", "Cargo.lock"), "# another crate\n");
  await checkout.run("build.ts", { FAKE_LIBRARY: "another" });
  assert.equal(await readFile(checkout.library, "utf8"), "\x7fELFanother");
});

Deno.test({ name: "build.ts waits for a build that another process does", ignore }, async () => {
  await using checkout = await Checkout.create();
  const both = await Promise.all([checkout.run("build.ts"), checkout.run("build.ts")]);
  assert.deepEqual(both.map(({ code }) => code), [0, 0]);
  assert.equal(await checkout.cargoCalls(), 1);
});

Deno.test({ name: "build.ts shows the end of the log when Cargo fails", ignore }, async () => {
  await using checkout = await Checkout.create();
  const { code, output } = await checkout.run("build.ts", { FAKE_CARGO_FAILS: "1" });
  assert.equal(code, 1);
  assert.match(output, /Cannot build libmsquic: Cargo ended with exit code 101/);
  assert.match(output, /build\.log/);
  assert.match(output, /error: no such header/);
  assert.equal((await checkout.run("build.ts")).code, 0, "a failure must not be remembered");
});

Deno.test(
  { name: "build.ts names missing and old tools, and their packages", ignore },
  async () => {
    await using checkout = await Checkout.create();
    await checkout.removeProgram("cmake");
    const { code, output } = await checkout.run("build.ts", { FAKE_CARGO_VERSION: "1.75.0" });
    assert.equal(code, 1);
    assert.match(output, /missing: cmake/);
    assert.match(output, /too old: cargo 1\.75\.0; cargo 1\.82 or newer is needed/);
    assert.match(output, /Debian, Ubuntu: apt install cargo cmake/);
    assert.equal(await checkout.cargoCalls(), 0);
  },
);

Deno.test({
  name: "ensure.ts builds when there is no libmsquic, and is silent when there is one",
  ignore: ignore || systemHasOne,
}, async () => {
  await using checkout = await Checkout.create();
  const first = await checkout.run("ensure.ts");
  assert.equal(first.code, 0, first.output);
  assert.match(first.output, /There is no libmsquic on this machine yet/);
  assert.deepEqual(await checkout.run("ensure.ts"), { code: 0, output: "" });
});

Deno.test(
  { name: "ensure.ts builds nothing in place of a wrong MSQUIC_PATH", ignore },
  async () => {
    await using checkout = await Checkout.create();
    const { code, output } = await checkout.run("ensure.ts", { MSQUIC_PATH: "/missing/msquic.so" });
    assert.equal(code, 1);
    assert.match(output, /MSQUIC_PATH is \/missing\/msquic\.so/);
    assert.equal(await checkout.cargoCalls(), 0);
  },
);
