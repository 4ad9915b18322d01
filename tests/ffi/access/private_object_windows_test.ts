import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import {
  keepDirectoryPrivate,
  keepPipePrivate,
  strangersTo,
} from "../../../ffi/access/private_object_windows.ts";

const ignore = Deno.build.os !== "windows";

Deno.test({
  name: "keepDirectoryPrivate() leaves a directory to its owner",
  ignore,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-private-" });
    keepDirectoryPrivate(directory);
    assert.deepEqual(strangersTo(directory), []);
    await Deno.writeTextFile(join(directory, "a"), "readable");
    assert.equal(await Deno.readTextFile(join(directory, "a")), "readable");
    await Deno.remove(directory, { recursive: true });
    assert.throws(() => strangersTo(directory), /Windows error 2/);
  },
});

Deno.test({
  name: "keepPipePrivate() leaves a pipe to its owner, who can still use it",
  ignore,
  async fn() {
    const path = `\\\\.\\pipe\\msquicd-test-${crypto.randomUUID()}`;
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => socket.end(data));
    });
    await new Promise<void>((resolve) => server.listen({ path }, resolve));
    assert.deepEqual(keepPipePrivate(path), []);
    for (const text of ["one", "two"]) {
      const socket = connect(path);
      socket.write(text);
      const heard = await new Promise((resolve) => socket.once("data", resolve));
      assert.equal(String(heard), text);
      socket.destroy();
    }
    await new Promise<void>((resolve) => server.close(() => resolve()));
  },
  sanitizeOps: false, // closing a pipe's server leaves its accept to end by itself
});
