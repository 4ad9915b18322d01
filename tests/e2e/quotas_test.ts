import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import type { NewTokenResult, TokenStatus } from "../../handlers/commands/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { names, Site, sizeOf, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;

Deno.test({
  name:
    "msquicd: quotas hold over all workers, over killed ones, and for tokens from when they are set",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using site = await Site.create(2);
    const [config, auditFile] = [site.path("msquicd.jsonc"), site.path("audit.log")];
    const quotas = { a: 40 * MIB, "/": 400 * MIB };
    await Deno.writeTextFile(config, JSON.stringify({ quotas, auditFile }));
    const manager = await site.start("--config", config);
    const { fingerprint } = manager.report;
    const owner = await site.token();
    const staging = join(site.root, ".msquicd", "uploads");
    const open = (index: number, token = owner) => {
      const server = `127.0.0.1:${site.ports[index]}`;
      return connect({ server, token, fingerprint, failover: false });
    };
    const codeOf = async (putting: Promise<unknown>): Promise<string> =>
      await putting.then(() => "stored", (error) => error.code);

    {
      await using one = await open(0);
      await using two = await open(1);
      const data = new Uint8Array(12 * MIB);
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => {
        const client = index % 2 === 0 ? one : two;
        return codeOf(client.put(data, `a/${index}`));
      }));
      assert.equal(outcomes.filter((outcome) => outcome === "stored").length, 3, `${outcomes}`);
      assert.equal(outcomes.filter((outcome) => outcome === "quota-exceeded").length, 5);
      assert.deepEqual(names(staging), []);
    }
    const { quotas: told } = await site.json<{ quotas: unknown }>("du", "a/");
    assert.deepEqual(told, [
      { of: "directory", name: "a", bytes: 40 * MIB, stored: 36 * MIB, promised: 0 },
      { of: "directory", name: "/", bytes: 400 * MIB, stored: 36 * MIB, promised: 0 },
    ]);
    const { stdout: shown } = await site.run("du");
    assert.match(shown, /^quota of directory a\/: 36 MiB of 40 MiB used$/m);
    const source = site.path("source");
    await Deno.writeFile(source, new Uint8Array(12 * MIB));
    const { code, stdout } = await site.run("put", source, "--to", "a/more", "--json");
    assert.equal(code, 7, stdout);
    const { error } = JSON.parse(stdout);
    assert.deepEqual([error.code, error.missingBytes], ["quota-exceeded", 8 * MIB]);
    assert.match(
      error.message,
      /12 MiB does not fit into the quota of directory "a": 36 MiB of 40 MiB are used; 8 MiB missing; remove something there first/,
    );

    // A token that has stored something before it has a quota.
    const made = await site.json<NewTokenResult>("token", "add", "phone", "--allow=read,write");
    assert.equal(made.quotaBytes, null);
    await using phone = await open(0, made.token);
    await using phoneToo = await open(1, made.token);
    await phone.put(new Uint8Array(3 * MIB), "phone/first");
    await site.json("token", "quota", "phone", "4M");
    const [status] = await site.json<TokenStatus[]>("token");
    assert.equal(status?.quotaBytes, 4 * MIB);
    const second = phoneToo.put(new Uint8Array(2 * MIB), "phone/second");
    assert.equal(await codeOf(second), "quota-exceeded");
    await site.json("token", "quota", "phone", "none");
    await phoneToo.put(new Uint8Array(2 * MIB), "phone/second");
    for (const quota of ["-1", "much"]) {
      assert.equal((await site.run("token", "quota", "phone", quota)).code, 2);
    }

    // What a killed worker has kept goes for what needs its room.
    await site.json("rm", "-r", "a");
    await site.json("limit-rate", "8m");
    {
      await using client = await open(0);
      const putting = codeOf(client.put(new Uint8Array(30 * MIB), "a/killed"));
      const staged = () => names(staging).filter((name) => name.startsWith("put-"));
      await waitFor("it is under way", () => sizeOf(join(staging, staged()[0] ?? "-")) > 2 * MIB);
      await using other = await open(1);
      const beside = other.put(new Uint8Array(11 * MIB), "a/beside");
      assert.equal(await codeOf(beside), "quota-exceeded");
      const [worker] = manager.report.workers;
      Deno.kill(worker!.pid, "SIGKILL");
      assert.notEqual(await putting, "stored");
      assert.equal(staged().length, 1);
      await site.json("limit-rate", "none");
      await other.put(new Uint8Array(39 * MIB), "a/whole");
      assert.deepEqual(staged(), []);
      assert.equal(await codeOf(other.put(new Uint8Array(2 * MIB), "a/beside")), "quota-exceeded");
    }
    const events = (await Deno.readTextFile(auditFile)).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    const removed = events.find(({ event }) => event === "upload.removed");
    assert.equal(removed?.target, "a/killed");
    assert.ok(removed.bytes > 2 * MIB);
    assert.ok(
      events.some(({ event, result, identity }) =>
        event === "file.put" && result === "quota-exceeded" && identity === "phone"
      ),
    );
    await site.json("shutdown");
    await manager.finished;
    await site.assertNothingLeft();
  },
});
