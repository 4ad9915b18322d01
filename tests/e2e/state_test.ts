import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";
import { type Finished, Site } from "./harness.ts";

/** A start that is refused, and what it says. */
interface Refusal {
  what: string;
  /** Is made beforehand; what it returns must still be the content of the files afterwards. */
  prepare: (site: Site) => Promise<Record<string, string>>;
  root?: (site: Site) => string;
  env?: (site: Site) => Record<string, string>;
  code: number;
  message: RegExp;
}

const SECRET = "tr0ub4dor";

async function keep(path: string, content: string): Promise<Record<string, string>> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(path, content, { mode: 0o600 });
  return { [path]: content };
}

async function linked(site: Site, name: string): Promise<Record<string, string>> {
  const target = site.path(`target of ${name}`);
  const kept = await keep(target, "precious");
  await Deno.mkdir(site.state, { recursive: true, mode: 0o700 });
  await Deno.symlink(target, join(site.state, name));
  return kept;
}

const REFUSALS: readonly Refusal[] = [
  // B2
  {
    what: "a root that is a file",
    prepare: (site) => keep(site.root, "mine"),
    code: 2,
    message: /^msquicd: Cannot keep files in ".*storage": it is a file; choose .*--root$/,
  },
  {
    what: "a root below a file",
    prepare: (site) => keep(site.path("file"), "mine"),
    root: (site) => site.path("file", "below"),
    code: 4,
    message: /^msquicd: Cannot keep files in ".*": a part of the path is a file, .*--root$/,
  },
  {
    what: "a place for state that nothing can be made in",
    prepare: async (site) => await keep(site.path("home"), "mine"),
    env: (site) => ({ MSQUICD_STATE_DIR: "", XDG_STATE_HOME: site.path("home", "state") }),
    code: 4,
    message: /^msquicd: Cannot make state directory ".*": .* is a file, .*MSQUICD_STATE_DIR$/,
  },
  {
    what: "a state directory that is a file",
    prepare: (site) => keep(site.state, "mine"),
    code: 4,
    message: /^msquicd: Cannot use ".*": it is a file, not a directory; .*MSQUICD_STATE_DIR$/,
  },
  // F3
  {
    what: "a token that is too short",
    prepare: (site) => keep(join(site.state, "token"), SECRET),
    code: 4,
    message: /^msquicd: Cannot use the access token in ".*token": it has 9 characters, .* new one$/,
  },
  {
    what: "a key without a certificate, of another kind than ours",
    prepare: (site) => keep(join(site.state, "key.pem"), "-----BEGIN PRIVATE KEY-----\n"),
    code: 4,
    message: /^msquicd: Cannot use certificate ".*cert\.pem": ".*key\.pem" is no private key/,
  },
  {
    what: "a certificate that is a directory",
    prepare: (site) => keep(join(site.state, "cert.pem", "x"), "mine"),
    code: 4,
    message: /^msquicd: Cannot use ".*cert\.pem": it is a directory; remove it$/,
  },
  // I8
  {
    what: "a lock that is a link",
    prepare: (site) => linked(site, "manager.lock"),
    code: 4,
    message: /^msquicd: Cannot use ".*manager\.lock": it is a symbolic link, .*; remove it$/,
  },
];

function assertRefused(what: string, result: Finished, { code, message }: Refusal): void {
  assert.equal(result.code, code, `${what}: ${result.stderr}`);
  const said = result.stderr.trim().split("\n").at(-1) ?? "";
  assert.match(said, message);
  assert.doesNotMatch(result.stderr, /os error|\n\s+at /, what);
  assert.equal(result.stderr.includes(SECRET), false, what);
}

Deno.test("What a start finds in place of its own files ends it with a sentence, and stays", async () => {
  await Promise.all(REFUSALS.map(async (refusal) => {
    const { what, prepare, root = ({ root }) => root, env = () => ({}) } = refusal;
    await using site = await Site.create(1);
    const kept = await prepare(site);
    const ports = String(site.ports[0]);
    const words = ["start", "--no-shell", "--ports", ports, "--root", root(site)];
    const [program, ...args] = site.commandLine(...words);
    const started = site.spawnProgram(program, args, { env: { ...site.env, ...env(site) } });
    assertRefused(what, await started.finished, refusal);
    for (const [path, content] of Object.entries(kept)) {
      assert.equal(await Deno.readTextFile(path), content, what);
    }
  }));
});

// I8
Deno.test("A start in the background follows no link to log", async () => {
  await using site = await Site.create(1);
  const kept = await linked(site, "manager.log");
  const args = ["start", "--detach", "--ports", String(site.ports[0]), "--root", site.root];
  const { code, stderr } = await site.run(...args);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /Cannot log to ".*manager\.log": it is a (symbolic )?link/);
  for (const [path, content] of Object.entries(kept)) {
    assert.equal(await Deno.readTextFile(path), content);
  }
  await site.assertNothingLeft();
});

// B2
Deno.test({
  name: "A start says when what it needs is on a disk that is full, or cannot be written to",
  ignore: !mayMount,
  async fn() {
    await using site = await Site.create(1);
    const args = ["start", "--no-shell", "--ports", String(site.ports[0])];
    {
      await using disk = await mountMemory(site.state, "mode=0700,size=4k");
      if (disk === undefined) return;
      const full = await site.run(...args, "--root", site.root);
      assert.equal(full.code, 7, full.stderr);
      assert.match(full.stderr, /Cannot (write|make) .*": no space is left on the device; /);
    }
    {
      await using disk = await mountMemory(site.state, "mode=0700,ro");
      assert.ok(disk);
      const refused = await site.run(...args, "--root", site.root);
      assert.equal(refused.code, 4, refused.stderr);
      assert.match(
        refused.stderr,
        /Cannot lock ".*manager\.lock": the file system is read-only; .*MSQUICD_STATE_DIR$/m,
      );
    }
    await Deno.chmod(site.state, 0o700); // what was mounted on
    await using disk = await mountMemory(site.root, "ro");
    assert.ok(disk);
    const refused = await site.run(...args, "--root", site.root);
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(
      refused.stderr,
      /Cannot keep files in ".*": the file system is read-only; choose another .*--root$/m,
    );
  },
});
