import assert from "node:assert/strict";
import { join } from "node:path";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { codeIn, read, ROOT } from "./markdown.ts";

/** Where the examples are; each is a program of its own. */
const FILES = ["mod.ts"];
const FOLDERS = ["client", "ffi", "handlers", "log", "manager", "protocol", "transfer", "worker"];

Deno.test("Examples in documents and docstrings run as they stand", async () => {
  const files = [...FILES, ...FOLDERS.flatMap((folder) => withExamples(join(ROOT, folder)))];
  const ignored = files.filter((file) =>
    /```\w+ ignore/.test(Deno.readTextFileSync(join(ROOT, file)))
  );
  assert.deepEqual(ignored, []);
  // Examples name files here, and keep the state of their instances here.
  const directory = await Deno.makeTempDir({ prefix: "msquicd-examples-" });
  try {
    await Deno.writeFile(join(directory, "photo.jpg"), new Uint8Array(50_000));
    using certificate = await makeTestCertificate();
    await Deno.copyFile(certificate.certificateFile, join(directory, "server.pem"));
    await Deno.copyFile(certificate.privateKeyFile, join(directory, "server.key"));
    // Their types are checked with all others, by `deno check --doc`.
    const options = [
      ...["--doc", "--no-check", "--allow-all", "--quiet", "--config", join(ROOT, "deno.json")],
      ...["--preload", join(ROOT, "tests/fixtures/loaded_msquic.ts")],
    ];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...options, ...files.map((file) => join(ROOT, file))],
      cwd: directory,
      env: { MSQUICD_STATE_DIR: join(directory, "state"), NO_COLOR: "1", TMPDIR: directory },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    const [, passed] = /ok \| (\d+) passed/.exec(said) ?? [];
    assert.ok(Number(passed) >= files.length, said);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("README.md has the example of mod.ts, which is run", () => {
  const [example = ""] = Array.from(
    read("mod.ts").matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm),
    ([, code = ""]) => code.replaceAll(/^ \* ?/gm, ""),
  );
  assert.match(example, /^import /);
  assert.ok(codeIn(read("README.md")).includes(example), example);
});

/** The files of a folder with examples, from the project's folder on. */
function withExamples(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return withExamples(path);
    if (!name.endsWith(".ts") || !Deno.readTextFileSync(path).includes(" * @example")) return [];
    return [path.slice(ROOT.length)];
  });
}
