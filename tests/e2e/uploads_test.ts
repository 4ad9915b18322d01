import assert from "node:assert/strict";
import { join } from "node:path";
import { BadNetwork } from "../fixtures/network.ts";
import { names, Site, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const SIZE = 256 * MIB;

interface Upload {
  id: string;
  name: string | null;
  bytes: number;
  size: number | null;
  ageMs: number;
  active: boolean;
}

// I6
Deno.test("msquicd: uploads shows what is kept of interrupted uploads, uploads rm removes it", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  // So slow that the upload takes a minute and a half, however long what is done meanwhile takes.
  await using network = await BadNetwork.start({ targets: [site.ports[0]!], rateMbit: 24 });
  const token = await site.token();
  const { fingerprint } = manager.report;
  const server = ["--server", `127.0.0.1:${network.port}`, "--token", token, "--fingerprint"];
  const staging = join(site.root, ".msquicd", "uploads");
  const uploads = () => site.json<Upload[]>("uploads");
  const source = site.path("big.bin");
  await Deno.create(source).then((file) => file.close());
  await Deno.truncate(source, SIZE);
  async function beginPut(name: string) {
    const before = names(staging).length;
    const put = site.spawn(
      "put",
      source,
      "--to",
      name,
      "--compress",
      "none",
      ...server,
      fingerprint,
    );
    await waitFor(
      "the upload is under way",
      () =>
        names(staging).length > before && names(staging).some((staged) => {
          try {
            return Deno.lstatSync(join(staging, staged)).size > MIB;
          } catch {
            return false; // gone since
          }
        }),
    );
    return put;
  }

  assert.deepEqual(await uploads(), []);
  const first = await beginPut("a b/first");
  const [active] = await waitFor("it is known by name", async () => {
    const all = await uploads();
    return all[0]?.name ? all : undefined;
  });
  assert.deepEqual([active?.name, active?.size, active?.active], ["a b/first", SIZE, true]);
  const refused = await site.run("uploads", "rm", active!.id);
  assert.equal(refused.code, 6, refused.stderr);
  assert.match(refused.stderr, /a worker is receiving it/);
  assert.deepEqual(await site.json("uploads", "rm", "--older", "0s"), [], "it is being received");
  first.child.kill("SIGINT");
  await first.finished;

  const [kept] = await waitFor("it is kept", async () => {
    const all = await uploads();
    return all[0]?.active === false ? all : undefined;
  });
  assert.equal(kept!.id, active!.id);
  assert.ok(kept!.bytes >= MIB && kept!.bytes < SIZE && kept!.ageMs < 60_000);
  const shown = await site.run("uploads");
  assert.equal(shown.code, 0);
  assert.match(
    shown.stdout,
    new RegExp(`^${kept!.id.slice(0, 12)} .* 256 MiB .* kept +a b/first$`, "m"),
  );

  assert.equal((await site.run("uploads", "rm")).code, 2);
  assert.equal((await site.run("uploads", "rm", "0123456789abcdef")).code, 3);
  const [removed] = await site.json<Upload[]>("uploads", "rm", kept!.id.slice(0, 12));
  assert.equal(removed?.name, "a b/first");
  assert.deepEqual([names(staging), names(join(site.root, ".msquicd", "names"))], [[], []]);
  await Deno.rename(site.root, `${site.root}-away`);
  const away = await site.run("uploads");
  assert.match(away.stderr, /^msquicd: Cannot use the storage ".*": /);
  assert.equal(away.code, 5);
  await Deno.rename(`${site.root}-away`, site.root);
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
  await site.assertNothingLeft();
});
