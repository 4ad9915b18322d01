import assert from "node:assert/strict";
import { join } from "node:path";
import { LibraryLoadError } from "../../../ffi/msquic/errors.ts";
import { openMsQuic } from "../../../ffi/msquic/open_library.ts";

Deno.test("openMsQuic() says of a file that is not MsQuic what it is, once, and where to get it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-library-" });
  try {
    const text = join(directory, "text.so");
    await Deno.writeTextFile(text, "no library");
    const cases = [text, directory];
    if (Deno.build.os === "linux") cases.push("libc.so.6");
    for (const path of cases) {
      assert.throws(() => openMsQuic(path), (error) => {
        assert.ok(error instanceof LibraryLoadError);
        const { message } = error;
        assert.ok(message.startsWith(`Cannot load libmsquic from ${path}: `), message);
        assert.match(message, /; .*MSQUIC_PATH/);
        assert.equal(message.split(path).length, 2, `names the path once: ${message}`);
        assert.doesNotMatch(message, /Could not|Failed to/, "words of the runtime");
        return true;
      });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
