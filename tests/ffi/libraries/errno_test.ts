import assert from "node:assert/strict";
import { errno, libc } from "../../../ffi/libraries/libc.ts";
import "../../fixtures/loaded_libc.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };

// Linux values of errno.h.
const ESRCH = 3;
const EBADF = 9;
const EINVAL = 22;
const NO_PROCESS = 0x7FFF_FFFF;

Deno.test("errno() is the number of the call before it, at every speed of calls", onLinux, () => {
  const { close, ftruncate, kill } = libc;
  // Deno compiles calls only after some; the ways to make them are to give the same.
  for (let round = 0; round < 5000; round++) {
    assert.equal(close(-1), -1);
    assert.equal(errno(), EBADF);
    assert.equal(kill(NO_PROCESS, 0), -1);
    assert.equal(errno(), ESRCH);
    assert.equal(ftruncate(-1, -1n), -1);
    assert.equal(errno(), EINVAL);
  }
});
