import assert from "node:assert/strict";
import { UdpPlaceholder } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { bindUdp, freePorts } from "../../fixtures/free_ports.ts";
import { bindWithReusePort } from "../../manager/fixtures/reuse_port.ts";

const ignore = !UdpPlaceholder.supported;

Deno.test({
  name: "UdpPlaceholder.tryBind() takes only what nobody has",
  ignore,
  async fn() {
    const [free = 0] = await freePorts(1);
    {
      using held = UdpPlaceholder.tryBind(free);
      assert.equal(held?.port, free);
      assert.equal(UdpPlaceholder.tryBind(free), undefined);
    }
    using again = UdpPlaceholder.tryBind(free);
    assert.equal(again?.port, free);
    using any = UdpPlaceholder.tryBind(0);
    assert.ok(any && any.port > 0);
    await using taken = await bindUdp(0);
    assert.equal(UdpPlaceholder.tryBind(taken.port), undefined);
  },
});

for (const holder of ["127.0.0.1", "0.0.0.0", "127.0.0.2"]) {
  Deno.test({
    name: `UdpPlaceholder.tryBind() is not let in beside a socket on ${holder} that would share`,
    ignore,
    async fn() {
      const [port = 0] = await freePorts(1);
      using _holder = bindWithReusePort(holder, port);
      assert.equal(UdpPlaceholder.tryBind(port), undefined);
    },
  });
}

Deno.test({
  name: "UdpPlaceholder keeps others out, those that share as well, until it is closed",
  ignore,
  async fn() {
    const held = UdpPlaceholder.tryBind(0);
    assert.ok(held);
    const { port } = held;
    await assert.rejects(bindUdp(port), /EADDRINUSE/);
    for (const host of ["0.0.0.0", "127.0.0.1"]) {
      assert.throws(() => bindWithReusePort(host, port), /Cannot bind/);
    }
    await assert.rejects(QuicPair.open({}, { port }), /ADDRESS_IN_USE/);
    held[Symbol.dispose]();
    await using _server = await QuicPair.open({}, { port });
    assert.equal(UdpPlaceholder.tryBind(port), undefined);
  },
});

Deno.test({
  name: "MsQuic shares its port with nobody",
  ignore,
  async fn() {
    const [port = 0] = await freePorts(1);
    await using _server = await QuicPair.open({}, { port });
    for (const host of ["0.0.0.0", "127.0.0.1", "127.0.0.2"]) {
      assert.throws(() => bindWithReusePort(host, port), /Cannot bind/);
    }
  },
});
