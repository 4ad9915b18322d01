import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { QuicPair } from "../../fixtures/quic_pair.ts";

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;

Deno.test({
  name: "Listener on a loopback address gets packets from the loopback interface only",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using pair = await QuicPair.open();
    using libc = disposableLibc();
    const devices = readdirSync("/proc/self/fd").map(Number)
      .filter((fd) => libc.port(fd) === pair.listener.address.port)
      .map((fd) => libc.device(fd));
    assert.deepEqual(devices, ["lo"]);
    await using ends = await pair.connect();
    assert.ok(ends.client.id > 0);
  },
});

function disposableLibc() {
  const libc = Deno.dlopen("libc.so.6", {
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  });
  return {
    port(fd: number): number | undefined {
      const address = new DataView(new ArrayBuffer(28));
      const status = libc.symbols.getsockname(fd, address, new Uint32Array([28]));
      return status === 0 ? address.getUint16(2) : undefined;
    },
    device(fd: number): string {
      const name = new Uint8Array(16);
      const length = new Uint32Array([name.length]);
      libc.symbols.getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, length);
      return new TextDecoder().decode(name.subarray(0, Math.max(length[0]! - 1, 0)));
    },
    [Symbol.dispose]: () => libc.close(),
  };
}
