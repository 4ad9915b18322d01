import assert from "node:assert/strict";
import { SystemError } from "../../ffi/mod.ts";
import { wireErrorOf } from "../../protocol/mod.ts";
import { storageError, unavailableError } from "../../transfer/errors.ts";
import { openFile } from "../../transfer/mod.ts";
import { temporaryStorage, writeFile } from "./temporary.ts";

Deno.test("storageError() tells what is not there from what cannot be used, on the wire as well", () => {
  const codes = {
    ENOENT: "not-found",
    ENOTDIR: "not-found",
    ELOOP: "symbolic-link",
    EACCES: "permission-denied",
    EPERM: "permission-denied",
    EROFS: "permission-denied",
    EISDIR: "is-a-directory",
    ENOSPC: "no-space",
    EFBIG: "file-too-large",
    EBUSY: "file-in-use",
    EMFILE: "storage-unavailable",
    ENFILE: "storage-unavailable",
    EIO: "storage-unavailable",
    ESTALE: "storage-unavailable",
    ENOTCONN: "storage-unavailable",
  };
  for (const [system, code] of Object.entries(codes)) {
    const error = storageError(new SystemError(system, "a"), 'Cannot look at "a"');
    assert.equal(wireErrorOf(error).code, code, system);
  }
  const own = new Error("of another kind");
  assert.equal(storageError(own, "Cannot do it"), own);
  assert.equal(unavailableError(new SystemError("ENOENT", "a"), "Cannot do it"), undefined);
});

Deno.test({
  name: "a process that has no more descriptors says so, not that a file is missing",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using storage = await temporaryStorage();
    await writeFile(`${storage.root.path}/a`, "content");
    const script = `
      import { listFiles, openFile, openStorageRoot, statFile } from "./transfer/mod.ts";
      const root = await openStorageRoot(Deno.args[0]);
      await listFiles(root);
      const files = [];
      try {
        for (;;) files.push(Deno.openSync(Deno.args[0] + "/a"));
      } catch {
        // There are none left.
      }
      for (const run of [() => statFile(root, "a"), () => openFile(root, "a"), () => listFiles(root)]) {
        console.log(await run().then(() => "done", ({ code }) => code));
      }
    `;
    const line = 'ulimit -n 200; exec "$@"';
    const args = [Deno.execPath(), "eval", "--no-check", "--ext=ts", script, storage.root.path];
    const { stdout } = await new Deno.Command("sh", { args: ["-c", line, "sh", ...args] }).output();
    assert.deepEqual(
      new TextDecoder().decode(stdout).trim().split("\n"),
      Array(3).fill("storage-unavailable"),
    );
    const { file } = await openFile(storage.root, "a");
    file.close();
  },
});
