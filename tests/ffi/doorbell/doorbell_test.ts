import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { fileURLToPath } from "node:url";
import { delay } from "../../../base/mod.ts";
import { Doorbell, DOORBELL_BYTES, DoorbellError, SharedMemory } from "../../../ffi/mod.ts";
import { threadCount } from "../thread_count.ts";
import { within } from "../within.ts";
import "../../fixtures/loaded_libc.ts";

const PEER = fileURLToPath(new URL("./doorbell_peer.ts", import.meta.url));

const onLinux = { ignore: Deno.build.os !== "linux" };

function temporaryMemory(): SharedMemory {
  const memory = SharedMemory.create(`msquicd-test-${crypto.randomUUID()}`, 4096);
  SharedMemory.unlink(memory.name);
  return memory;
}

/** Whether the promise is done without anything more to happen. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true);
  await delay(0);
  return done;
}

/** A wait of one end that the other ends with a ring. */
async function ringOnce(sleeper: Doorbell, ringer: Doorbell): Promise<void> {
  const wait = sleeper.wait();
  ringer.ring();
  await within(30_000, "the wait", wait);
}

Deno.test("Doorbell.wait() ends with a ring from the other end", async () => {
  using memory = temporaryMemory();
  await using sleeper = Doorbell.create(memory, 0);
  using ringer = Doorbell.open(memory, 0);
  await ringOnce(sleeper, ringer);
});

Deno.test("Doorbell.wait() ends at once after a ring, and several rings are one", async () => {
  using memory = temporaryMemory();
  await using bell = Doorbell.create(memory, 0);
  bell.ring();
  bell.ring();
  bell.ring();
  assert.ok(await isDone(bell.wait()));
  assert.ok(!await isDone(bell.wait()));
});

Deno.test("Doorbell.wait() wakes everyone who waits with one ring", async () => {
  using memory = temporaryMemory();
  await using bell = Doorbell.create(memory, 0);
  const waits = [bell.wait(), bell.wait(), bell.wait()];
  bell.ring();
  await within(30_000, "the waits", Promise.all(waits));
});

Deno.test("Doorbell.ring() does not wake who waits at another place", async () => {
  using memory = temporaryMemory();
  await using first = Doorbell.create(memory, 0);
  await using second = Doorbell.create(memory, DOORBELL_BYTES);
  const wait = first.wait();
  const other = second.wait();
  second.ring();
  await within(30_000, "the other wait", other);
  assert.ok(!await isDone(wait));
});

Deno.test("Doorbell ends a parked wait on dispose, and the memory is unmapped after it", async () => {
  const memory = temporaryMemory();
  const bell = Doorbell.create(memory, 0);
  const wait = bell.wait();
  bell[Symbol.dispose]();
  memory[Symbol.dispose]();
  assert.equal(memory.buffer.byteLength, 4096, "unmapped under a sleeping thread");
  await within(30_000, "the wait", wait);
  await bell[Symbol.asyncDispose]();
  assert.equal(memory.buffer.byteLength, 0);
});

Deno.test("Doorbell ends a parked wait although the other end scribbled over its memory", async () => {
  for (const byte of [0x00, 0xFF, 0xA5]) {
    using memory = temporaryMemory();
    await using bell = Doorbell.create(memory, 0);
    const wait = bell.wait();
    // Long enough for the thread to sleep; the test holds when it does not yet.
    await delay(20);
    new Uint8Array(memory.buffer).fill(byte);
    bell[Symbol.dispose]();
    await within(30_000, "the wait", wait);
  }
});

Deno.test("Doorbell does nothing after dispose, and says so to who waits", async () => {
  using memory = temporaryMemory();
  const bell = Doorbell.create(memory, 0);
  bell[Symbol.dispose]();
  bell[Symbol.dispose]();
  bell.ring();
  await assert.rejects(
    bell.wait(),
    (error) => error instanceof DoorbellError && error.code === "doorbell-closed",
  );
});

Deno.test("Doorbell refuses a place outside the memory or across cache lines", () => {
  using memory = temporaryMemory();
  for (const offset of [-64, 1, 32, 4096, 4096 - 32, 1.5, NaN]) {
    assert.throws(() => Doorbell.create(memory, offset), RangeError, String(offset));
    assert.throws(() => Doorbell.open(memory, offset), RangeError, String(offset));
  }
});

Deno.test("Doorbell wakes a sleeper in another process, which uses no processor time", async () => {
  const memory = SharedMemory.create(`msquicd-test-${crypto.randomUUID()}`, 4096);
  try {
    await using ask = Doorbell.create(memory, 0);
    await using answer = Doorbell.create(memory, DOORBELL_BYTES);
    const peer = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", PEER, memory.name, "101"],
    }).spawn();
    await within(30_000, "the other process", answer.wait());
    for (let round = 0; round < 100; round++) {
      ask.ring();
      await within(30_000, `round ${round}`, answer.wait());
    }

    const before = cpuUsage();
    const idle = answer.wait();
    await delay(300);
    const used = cpuUsage(before);
    assert.ok(used.user + used.system < 150_000, `${used.user + used.system} µs of 300 ms`);

    ask.ring();
    await within(30_000, "the last round", idle);
    assert.ok((await peer.status).success);
  } finally {
    memory[Symbol.dispose]();
    SharedMemory.unlink(memory.name);
  }
});

/** Bells that are waited for, each with another end that rings it. */
function pairs(
  count: number,
  resources: AsyncDisposableStack,
): { sleeper: Doorbell; ringer: Doorbell }[] {
  return Array.from({ length: count }, () => {
    const memory = resources.use(temporaryMemory());
    return {
      sleeper: resources.use(Doorbell.create(memory, 0)),
      ringer: resources.use(Doorbell.open(memory, 0)),
    };
  });
}

Deno.test("Doorbell wakes each of 100 sleepers, and takes at most two threads for all", async () => {
  await using resources = new AsyncDisposableStack();
  const bells = pairs(100, resources);
  const before = threadCount();
  for (let round = 0; round < 5; round++) {
    const waits = bells.map(({ sleeper }) => sleeper.wait());
    await delay(20);
    const threads = threadCount();
    assert.ok(threads <= before + 2, `${threads} threads, ${before} before`);
    for (const { ringer } of round % 2 === 0 ? bells : bells.toReversed()) ringer.ring();
    await within(30_000, `round ${round}`, Promise.all(waits));
  }
});

Deno.test("Doorbell loses no ring while others come, wait and go", async () => {
  await using resources = new AsyncDisposableStack();
  const bells = pairs(70, resources);
  const waits = bells.map(({ sleeper }) => sleeper.wait());
  for (const [index, { sleeper, ringer }] of bells.entries()) {
    await using passing = new AsyncDisposableStack();
    const [other] = pairs(1, passing);
    const wait = other!.sleeper.wait();
    if (index % 3 === 0) await delay(1);
    ringer.ring();
    await within(30_000, `ring ${index}`, waits[index]!);
    if (index % 2 === 0) other!.ringer.ring();
    else other!.sleeper[Symbol.dispose]();
    await within(30_000, `the wait beside ring ${index}`, wait);
    if (index % 5 === 0) await sleeper[Symbol.asyncDispose]();
    else waits[index] = sleeper.wait();
  }
  for (const { ringer } of bells) ringer.ring();
  await within(30_000, "the last rings", Promise.all(waits));
});

Deno.test("Doorbell keeps a ring that comes between two waits", async () => {
  using memory = temporaryMemory();
  await using sleeper = Doorbell.create(memory, 0);
  using ringer = Doorbell.open(memory, 0);
  await ringOnce(sleeper, ringer);
  ringer.ring();
  ringer.ring();
  await delay(20);
  ringer.ring();
  await within(30_000, "the second wait", sleeper.wait());
  const third = sleeper.wait();
  assert.ok(!await isDone(third), "three rings were more than one");
  ringer.ring();
  await within(30_000, "the third wait", third);
});

Deno.test("Doorbell finds a sleeper again that another process has taken the place of", async () => {
  using memory = temporaryMemory();
  using ringer = Doorbell.create(memory, 0);
  for (let life = 0; life < 3; life++) {
    await using sleeper = Doorbell.open(memory, 0);
    for (let round = 0; round < 2; round++) await ringOnce(sleeper, ringer);
  }
});

Deno.test(
  "Doorbell's socket is the owner's alone, and goes with the memory's name",
  onLinux,
  async () => {
    const memory = SharedMemory.create(`msquicd-test-${crypto.randomUUID()}`, 4096);
    await using bell = Doorbell.create(memory, 64);
    const wait = bell.wait();
    const path = `/dev/shm/${memory.name}.64`;
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    SharedMemory.unlink(memory.name);
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    memory[Symbol.dispose]();
    bell[Symbol.dispose]();
    await within(30_000, "the wait", wait);
  },
);

Deno.test(
  "Doorbell makes its socket without the umask, which is also that of threads that make files",
  onLinux,
  async () => {
    const { umask } = Deno;
    const before = umask(0); // under which a socket is everybody's
    const masks: unknown[] = [];
    try {
      Deno.umask = (mask) => {
        masks.push(mask);
        return umask(mask);
      };
      const memory = SharedMemory.create(`msquicd-test-${crypto.randomUUID()}`, 4096);
      await using bell = Doorbell.create(memory, 0);
      // What a process has left that was killed while it made its socket.
      Deno.mkdirSync(`/dev/shm/${memory.name}.0.0`);
      Deno.writeTextFileSync(`/dev/shm/${memory.name}.0.0/s`, "");
      const wait = bell.wait();
      assert.equal(Deno.statSync(`/dev/shm/${memory.name}.0`).mode! & 0o777, 0o600);
      const names = Array.from(Deno.readDirSync("/dev/shm"), ({ name }) => name);
      const own = names.filter((name) => name.startsWith(memory.name)).sort();
      assert.deepEqual(own, [memory.name, `${memory.name}.0`]);
      Deno.mkdirSync(`/dev/shm/${memory.name}.0.0`);
      SharedMemory.unlink(memory.name);
      assert.throws(() => Deno.statSync(`/dev/shm/${memory.name}.0.0`), Deno.errors.NotFound);
      memory[Symbol.dispose]();
      bell[Symbol.dispose]();
      await within(30_000, "the wait", wait);
    } finally {
      Deno.umask = umask;
      umask(before);
    }
    assert.deepEqual(masks, []);
  },
);

Deno.test("Doorbell says when it cannot listen, and leaves nothing open", onLinux, async () => {
  const memory = SharedMemory.create(`msquicd-test-${crypto.randomUUID()}`, 4096);
  const path = `/dev/shm/${memory.name}.0`;
  {
    await using bell = Doorbell.create(memory, 0);
    Deno.mkdirSync(`${path}/full`, { recursive: true }); // what no socket can take the place of
    await assert.rejects(bell.wait(), (error) => {
      assert.ok(error instanceof DoorbellError);
      assert.match(error.message, /^Cannot listen at .*: it is a directory, not a file$/);
      return true;
    });
    Deno.removeSync(path, { recursive: true });
  }
  memory[Symbol.dispose]();
  SharedMemory.unlink(memory.name);
});
