import assert from "node:assert/strict";
import { Site } from "./harness.ts";

/** In the units of `ulimit -f`, 1,024 bytes. Larger than what the runtime itself writes. */
const LIMIT = 65_536;

/** Larger than the limit. */
const SIZE = 70 * 1024 * 1024;

// D1
Deno.test({
  name: "msquicd: a limit on the size of files costs no process, and is said (7)",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using site = await Site.create(2);
    site.under = ["bash", "-c", `ulimit -f ${LIMIT}; exec "$@"`, "bash"];
    const manager = await site.start();
    const workers = () => site.json<{ workers: { pid: number; restarts: number }[] }>("status");
    const before = await workers();
    const file = site.path("large");
    await Deno.create(file).then((created) => created.close());
    await Deno.truncate(file, SIZE);
    const put = await site.run("put", file);
    assert.equal(put.code, 7, put.stderr);
    assert.match(put.stderr, /larger than one may be on the server/);
    const uploads = Array.from(Deno.readDirSync(`${site.root}/.msquicd/uploads`));
    assert.deepEqual(uploads, []);
    // The command line's own limit.
    await Deno.copyFile(file, `${site.root}/large`);
    const get = await site.run("get", "large", "-o", site.path("fetched"));
    assert.equal(get.code, 7, get.stderr);
    assert.match(get.stderr, /larger than a file may be here/);
    for (const signal of ["SIGXCPU", "SIGUSR1", "SIGUSR2"] as const) {
      for (const pid of [manager.report.pid, before.workers[0]!.pid]) Deno.kill(pid, signal);
    }
    const after = await workers();
    const identities = ({ workers }: typeof before) =>
      workers.map(({ pid, restarts }) => ({ pid, restarts }));
    assert.deepEqual(identities(after), identities(before));
    assert.equal((await site.run("shutdown")).code, 0);
    assert.equal((await manager.finished).code, 0);
    await site.assertNothingLeft();
  },
});
