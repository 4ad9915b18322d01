import assert from "node:assert/strict";
import { join } from "node:path";
import { UdpPlaceholder } from "../../../ffi/mod.ts";
import { PortClaims } from "../../../manager/ports/port_claims.ts";
import {
  CannotReserveError,
  NotReservedError,
  PortInUseError,
} from "../../../manager/ports/port_errors.ts";
import { PortKeeper } from "../../../manager/ports/port_keeper.ts";
import { PortMemory } from "../../../manager/ports/port_memory.ts";
import { isPortFree } from "../../../manager/ports/port_probe.ts";
import { Ports } from "../../../manager/ports/port_source.ts";
import type { PortPlan, PortPolicy } from "../../../manager/config/port_plan.ts";
import { bindUdp, freePorts } from "../../fixtures/free_ports.ts";
import { Sandbox } from "../fixtures/harness.ts";

const HOST = "127.0.0.1";
const linux = UdpPlaceholder.supported;

/** What a manager has of ports, until disposed; as often as wanted in one sandbox. */
async function managerIn(
  box: Sandbox,
  plan: PortPlan,
  { policy, name = "ports.json" }: { policy?: PortPolicy; name?: string } = {},
): Promise<Disposable & { ports: Ports; keeper: PortKeeper }> {
  const keeper = new PortKeeper(HOST, new PortClaims(join(box.path, "ports.lock")));
  const memory = await PortMemory.open(join(box.path, name));
  const config = {
    instance: "default",
    ports: plan,
    ...(policy === undefined ? {} : { portPolicy: policy }),
  };
  const ports = new Ports(config, keeper, memory);
  return { ports, keeper, [Symbol.dispose]: () => keeper[Symbol.dispose]() };
}

function explicit(...ports: number[]): PortPlan {
  return { kind: "explicit", ports };
}

async function gotOf(ports: Ports): Promise<number[]> {
  return (await ports.assign(0)).map(({ got }) => got);
}

Deno.test("Ports.assign() chooses for 0 once, and the same again after a restart", async () => {
  await using box = new Sandbox();
  const [named = 0] = await freePorts(1);
  const plan = explicit(0, named, 0);
  let before: number[];
  {
    using first = await managerIn(box, plan);
    before = await gotOf(first.ports);
    assert.equal(before[1], named);
    assert.equal(new Set(before).size, 3);
  }
  {
    using second = await managerIn(box, plan);
    assert.deepEqual(await gotOf(second.ports), before);
  }
  {
    // Another plan in between makes it forget nothing.
    using other = await managerIn(box, explicit(named));
    assert.deepEqual(await gotOf(other.ports), [named]);
  }
  await using _taken = await bindUdp(before[0] ?? 0);
  using third = await managerIn(box, plan);
  const after = await gotOf(third.ports);
  assert.notEqual(after[0], before[0]);
  assert.deepEqual(after.slice(1), before.slice(1));
});

Deno.test("Ports.assign() refuses or skips a taken port, as the policy says", async () => {
  await using box = new Sandbox();
  const taken = await bindUdp(0);
  const plan = explicit(taken.port);
  {
    using byDefault = await managerIn(box, plan);
    await assert.rejects(byDefault.ports.assign(0), PortInUseError);
  }
  const base: PortPlan = { kind: "from-base", base: taken.port, count: 1 };
  {
    using refusing = await managerIn(box, base, { policy: "refuse" });
    await assert.rejects(refusing.ports.assign(0), PortInUseError);
  }
  let moved: number[];
  {
    using skipping = await managerIn(box, plan, { policy: "skip" });
    moved = await gotOf(skipping.ports);
    assert.ok((moved[0] ?? 0) > taken.port);
  }
  await taken[Symbol.asyncDispose]();
  {
    using again = await managerIn(box, plan, { policy: "skip" });
    assert.deepEqual(await gotOf(again.ports), moved, "it stays where it was");
  }
  using named = await managerIn(box, plan);
  assert.deepEqual(await gotOf(named.ports), [taken.port], "what is named is meant");
});

Deno.test("Ports of two managers never are the same", async () => {
  await using box = new Sandbox();
  using one = await managerIn(box, explicit(0, 0), { name: "one.json" });
  using two = await managerIn(box, explicit(0, 0), { name: "two.json" });
  const [first, second] = await Promise.all([gotOf(one.ports), gotOf(two.ports)]);
  assert.equal(new Set([...first, ...second]).size, 4);
  for (const port of first) {
    await assert.rejects(two.ports.claim(port), PortInUseError);
    await assert.rejects(two.ports.reserve(port), PortInUseError);
  }
});

Deno.test({
  name: "Ports holds a worker's port until the worker may have it, and again afterwards",
  ignore: !linux,
  async fn() {
    await using box = new Sandbox();
    using manager = await managerIn(box, explicit(0));
    const [port = 0] = await gotOf(manager.ports);
    await assert.rejects(bindUdp(port), /EADDRINUSE/);
    assert.equal(await isPortFree(HOST, port), false);
    manager.ports.letGo(port);
    {
      await using _worker = await bindUdp(port);
      await assert.rejects(manager.ports.hold(port), PortInUseError);
    }
    await manager.ports.hold(port);
    await assert.rejects(bindUdp(port), /EADDRINUSE/);
    manager.ports.release(port);
    await using _anybody = await bindUdp(port);
  },
});

Deno.test("Ports.reserve() keeps a port for a spawn, and over restarts, until it is released", async () => {
  await using box = new Sandbox();
  const [base = 0] = await freePorts(1);
  const [reserved = 0] = await freePorts(1);
  const plan = explicit(base);
  {
    using first = await managerIn(box, plan);
    await first.ports.assign(0);
    await first.ports.reserve(reserved);
    await first.ports.reserve(reserved);
    await assert.rejects(first.ports.reserve(base), CannotReserveError);
  }
  {
    using second = await managerIn(box, plan);
    await second.ports.assign(0);
    assert.deepEqual(second.ports.reserved, [reserved]);
    if (linux) await assert.rejects(bindUdp(reserved), /EADDRINUSE/);
    const spawned = await Promise.all([second.ports.allocate(), second.ports.allocate()]);
    assert.equal(spawned.filter((port) => port === reserved).length, 1);
    assert.ok(spawned.every((port) => port === reserved || port > base), String(spawned));
    second.ports.release(reserved);
    assert.equal(await second.ports.allocate(), reserved);
    second.ports.release(reserved);
    assert.equal(await second.ports.claim(reserved), reserved);
    await second.ports.unreserve(reserved);
    await assert.rejects(second.ports.unreserve(reserved), NotReservedError);
    second.ports.release(reserved);
    await using _anybody = await bindUdp(reserved);
  }
  using third = await managerIn(box, plan);
  await third.ports.assign(0);
  assert.deepEqual(third.ports.reserved, []);
});

Deno.test("Ports gives reserved ports to no automatic choice", async () => {
  await using box = new Sandbox();
  const [port = 0] = await freePorts(1);
  {
    using first = await managerIn(box, explicit(0));
    await first.ports.assign(0);
    await first.ports.reserve(port);
  }
  {
    using counted = await managerIn(box, { kind: "from-base", base: port, count: 1 });
    const [got] = await gotOf(counted.ports);
    assert.notEqual(got, port);
  }
  using named = await managerIn(box, explicit(port));
  assert.deepEqual(await gotOf(named.ports), [port]);
});

Deno.test("Ports.adopt() takes a port that is served already, without a look", async () => {
  await using box = new Sandbox();
  const plan = explicit(0);
  let port: number;
  {
    using first = await managerIn(box, plan);
    [port = 0] = await gotOf(first.ports);
  }
  const worker = await bindUdp(port);
  using second = await managerIn(box, plan);
  assert.equal(second.ports.adopt(port), true);
  assert.deepEqual(await gotOf(second.ports), [port]);
  await worker[Symbol.asyncDispose]();
  await second.ports.hold(port);
});

for (
  const content of [
    "",
    "garbage",
    "null",
    '{"version":2,"assigned":[],"reserved":[]}',
    '{"version":1,"assigned":[{"wanted":0,"got":0}],"reserved":[]}',
    '{"version":1,"assigned":[{"wanted":1,"got":5},{"wanted":2,"got":5}],"reserved":[]}',
    '{"version":1,"assigned":[],"reserved":["80"]}',
    '{"version":1,"assigned":[],"reserved":[70000]}',
    `{"version":1,"assigned":[],"reserved":[${Array.from({ length: 257 }, (_, n) => n + 1)}]}`,
  ]
) {
  Deno.test(`PortMemory takes ${content.slice(0, 70) || "nothing"} for nothing, and warns`, async () => {
    await using box = new Sandbox();
    const path = join(box.path, "ports.json");
    await Deno.writeTextFile(path, content, { mode: 0o600 });
    const memory = await PortMemory.open(path);
    assert.deepEqual(memory.recall([0, 1]), [undefined, undefined]);
    assert.deepEqual(memory.reserved, []);
    await memory.remember([{ wanted: 0, got: 4711 }]);
    const again = await PortMemory.open(path);
    assert.deepEqual(again.recall([0, 0]), [4711, undefined]);
  });
}

Deno.test("Ports keeps nothing of a reservation, or of another port, that cannot be noted", async () => {
  await using box = new Sandbox();
  const [first = 0, spare = 0] = await freePorts(2);
  using manager = await managerIn(box, explicit(first));
  const { ports, keeper } = manager;
  await ports.assign(0);
  await ports.reserve(spare);
  await ports.unreserve(spare);
  const path = join(box.path, "ports.json");
  await Deno.remove(path);
  await Deno.mkdir(join(path, "in the way"), { recursive: true });
  const refused = { message: /^Cannot write ".*ports\.json": .* a directory/ };
  await assert.rejects(ports.reserve(spare), refused);
  assert.deepEqual(ports.reserved, []);
  assert.ok(!keeper.has(spare), "it is still claimed");
  assert.ok(await isPortFree(HOST, spare));
  const before = claimedBy(keeper, first);
  await assert.rejects(ports.replace(first), refused);
  assert.deepEqual(claimedBy(keeper, first), before);
  await Deno.remove(path, { recursive: true });
  await ports.reserve(spare);
  assert.deepEqual(ports.reserved, [spare]);
});

/** Which of the next ports from one up are the keeper's. */
function claimedBy(keeper: PortKeeper, first: number): number[] {
  return Array.from({ length: 100 }, (_, index) => first + index).filter((port) =>
    keeper.has(port)
  );
}
