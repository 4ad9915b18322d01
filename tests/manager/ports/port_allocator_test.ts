import assert from "node:assert/strict";
import { join } from "node:path";
import { allocatePorts } from "../../../manager/ports/port_allocator.ts";
import { NoFreePortError, PortInUseError } from "../../../manager/ports/port_errors.ts";
import { PortKeeper } from "../../../manager/ports/port_keeper.ts";
import { PortClaims } from "../../../manager/ports/port_claims.ts";
import { isPortFree } from "../../../manager/ports/port_probe.ts";
import { findUdpOwner } from "../../../manager/ports/udp_owner.ts";
import { bindUdp, freePorts } from "../../fixtures/free_ports.ts";
import { Sandbox } from "../fixtures/harness.ts";
import { bindWithReusePort } from "../fixtures/reuse_port.ts";

const HOST = "127.0.0.1";
const linux = Deno.build.os === "linux";

/** A port with at least `count` free ones above it. */
async function freeRun(count: number): Promise<number> {
  for (;;) {
    const [base = 0] = await freePorts(1);
    const run = Array.from({ length: count }, (_, index) => base + index);
    const free = await Promise.all(run.map((port) => port < 65536 && isPortFree(HOST, port)));
    if (free.every(Boolean)) return base;
  }
}

function keeperIn(box: Sandbox): PortKeeper {
  return new PortKeeper(HOST, new PortClaims(join(box.path, "ports.lock")));
}

Deno.test("isPortFree() tells free from taken", async () => {
  const [port = 0] = await freePorts(1);
  assert.equal(await isPortFree(HOST, port), true);
  {
    await using _taken = await bindUdp(port);
    assert.equal(await isPortFree(HOST, port), false);
  }
  assert.equal(await isPortFree(HOST, port), true);
});

for (
  const [holder, probed] of [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["127.0.0.1", "::"],
    // MsQuic would bind both of them on all addresses.
    ["127.0.0.2", "127.0.0.1"],
  ] as const
) {
  Deno.test({
    name: `isPortFree() on ${probed} sees a socket on ${holder} that would share`,
    ignore: !linux,
    async fn() {
      const [port = 0] = await freePorts(1);
      using _holder = bindWithReusePort(holder, port);
      assert.equal(await isPortFree(probed, port), false);
    },
  });
}

Deno.test("isPortFree() refuses an address of another machine", async () => {
  await assert.rejects(isPortFree("192.0.2.1", 4433), /Cannot listen on 192\.0\.2\.1/);
});

Deno.test({
  name: "findUdpOwner() names the process that holds a port",
  ignore: !linux,
  async fn() {
    await using taken = await bindUdp(0);
    assert.equal(findUdpOwner(taken.port)?.pid, Deno.pid);
    const [free = 0] = await freePorts(1);
    assert.equal(findUdpOwner(free), undefined);
  },
});

Deno.test("allocatePorts() keeps free ports and moves on from taken ones", async () => {
  await using box = new Sandbox();
  const base = await freeRun(5);
  await using _taken = await bindUdp(base + 1);
  await using _next = await bindUdp(base + 3);
  using keeper = keeperIn(box);
  const plan = { kind: "from-base", base, count: 3 } as const;
  assert.deepEqual(await allocatePorts(plan, { keeper }), [
    { wanted: base, got: base },
    { wanted: base + 1, got: base + 4 },
    { wanted: base + 2, got: base + 2 },
  ]);
});

Deno.test("allocatePorts() never hands a port to two managers", async () => {
  await using box = new Sandbox();
  const base = await freeRun(4);
  using first = keeperIn(box);
  using second = keeperIn(box);
  const plan = { kind: "from-base", base, count: 2 } as const;
  const [one, two] = await Promise.all([
    allocatePorts(plan, { keeper: first }),
    allocatePorts(plan, { keeper: second }),
  ]);
  assert.equal(new Set([...one, ...two].map(({ got }) => got)).size, 4);
});

Deno.test("allocatePorts() refuses an explicit port that is taken and lets go of the rest", async () => {
  await using box = new Sandbox();
  const [free = 0] = await freePorts(1);
  await using taken = await bindUdp(0);
  using keeper = keeperIn(box);
  const plan = { kind: "explicit", ports: [free, taken.port] } as const;
  await assert.rejects(allocatePorts(plan, { keeper }), (error) => {
    assert.ok(error instanceof PortInUseError);
    assert.equal(error.port, taken.port);
    return true;
  });
  using others = keeperIn(box);
  assert.equal(await others.tryTake(free), true);
});

Deno.test("allocatePorts() waits for a port that is about to come free", async () => {
  await using box = new Sandbox();
  const taken = await bindUdp(0);
  using keeper = keeperIn(box);
  const plan = { kind: "explicit", ports: [taken.port] } as const;
  const allocating = allocatePorts(plan, { keeper, patienceMs: 5000 });
  const release = setTimeout(() => taken[Symbol.asyncDispose](), 120);
  assert.deepEqual(await allocating, [{ wanted: taken.port, got: taken.port }]);
  clearTimeout(release);
});

Deno.test("allocatePorts() says when there are no more ports", async () => {
  await using box = new Sandbox();
  using keeper = keeperIn(box);
  using others = keeperIn(box);
  assert.ok(others.adopt(65535));
  const plan = { kind: "from-base", base: 65535, count: 1 } as const;
  await assert.rejects(allocatePorts(plan, { keeper }), NoFreePortError);
});
