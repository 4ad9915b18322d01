import assert from "node:assert/strict";
import { join } from "node:path";
import type { ProcessIdentity } from "../../../base/mod.ts";
import { processStartTime, SharedMemory, SharedMemoryError } from "../../../ffi/mod.ts";
import { Layout } from "../../../ipc/layout.ts";
import { inspectSegment, ManagerEnd, WorkerEnd, type WorkerIdentity } from "../../../ipc/mod.ts";
import { redirectLogs } from "../../../log/mod.ts";
import { takeOverLeftWorkers } from "../../../manager/takeover/left_workers.ts";
import { readLedger, SegmentLedger } from "../../../manager/state/segment_ledger.ts";
import { alive, Sandbox } from "../fixtures/harness.ts";

/** A process that is no worker, and does nothing. */
class Bystander implements AsyncDisposable {
  readonly #child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  readonly ended = this.#child.status;

  get pid(): number {
    return this.#child.pid;
  }

  get identity(): ProcessIdentity {
    return { pid: this.pid, startTime: processStartTime(this.pid) ?? 0n };
  }

  /** A process that had its id before. */
  get predecessor(): ProcessIdentity {
    return { pid: this.pid, startTime: this.identity.startTime - 5n };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (alive(this.pid)) this.#child.kill("SIGKILL");
    await this.ended;
  }
}

/** What a manager of the sandbox has left behind. */
async function leaveSegment(
  box: Sandbox,
  { keep, worker }: { keep: boolean; worker: ProcessIdentity },
): Promise<string> {
  const end = ManagerEnd.create({ instance: box.instance, port: 1, generation: 1, keep });
  await end.letGo();
  rewriteWorker(end.name, worker);
  return end.name;
}

/** Says that another process is the worker. */
function rewriteWorker(name: string, worker: ProcessIdentity): void {
  using memory = SharedMemory.open(name);
  new Int32Array(memory.buffer, Layout.workerPid, 1)[0] = worker.pid;
  new BigInt64Array(memory.buffer, Layout.workerStartTime, 1)[0] = worker.startTime;
}

const IDENTITY: WorkerIdentity = {
  port: 1,
  digest: "d",
  msquic: "2.5.1",
  uptimeMs: 5,
  leaving: false,
};

async function takeOver(box: Sandbox, name: string, worker?: ProcessIdentity, patienceMs = 100) {
  await box.state.prepare();
  const path = box.state.segmentsFile;
  const earlier = new SegmentLedger(path);
  earlier.add(name, worker);
  await earlier.flush();
  const ledger = new SegmentLedger(path);
  const entries = await ledger.load();
  using _logs = redirectLogs(() => {});
  const options = { ledger, entries, patienceMs, identifyMs: 300, signal: undefined };
  const found = await takeOverLeftWorkers(options);
  await ledger.flush();
  assert.deepEqual(found, []);
  assert.deepEqual(box.sharedNames(), []);
  assert.deepEqual(await readLedger(path), []);
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("a process that has got the id of a worker is left in peace", onLinux, async () => {
  for (const keep of [true, false]) {
    await using box = new Sandbox();
    await using bystander = new Bystander();
    const worker = bystander.predecessor;
    await takeOver(box, await leaveSegment(box, { keep, worker }), worker);
    await takeOver(box, `msquicd-${box.instance}-1-ab`, worker);
    assert.ok(alive(bystander.pid));
  }
});

Deno.test("a process whose start is not known is left in peace", onLinux, async () => {
  await using box = new Sandbox();
  await using bystander = new Bystander();
  const worker = { pid: bystander.pid, startTime: 0n };
  await takeOver(box, await leaveSegment(box, { keep: true, worker }), worker);
  assert.ok(alive(bystander.pid));
});

Deno.test("a worker that does not say who it is, is ended", onLinux, async () => {
  await using box = new Sandbox();
  await using worker = new Bystander();
  await takeOver(box, await leaveSegment(box, { keep: true, worker: worker.identity }));
  assert.equal((await worker.ended).signal, "SIGTERM");
});

Deno.test("a worker whose segment makes no sense is ended", onLinux, async () => {
  await using box = new Sandbox();
  await using worker = new Bystander();
  const name = await leaveSegment(box, { keep: true, worker: worker.identity });
  {
    using memory = SharedMemory.open(name);
    new Uint8Array(memory.buffer).fill(0xFF);
  }
  await takeOver(box, name, worker.identity);
  assert.equal((await worker.ended).signal, "SIGTERM");
});

Deno.test(
  "a worker that is stopped and does not leave is ended the hard way",
  onLinux,
  async () => {
    await using box = new Sandbox();
    await using worker = new Bystander();
    Deno.kill(worker.pid, "SIGSTOP");
    await takeOver(box, await leaveSegment(box, { keep: false, worker: worker.identity }));
    assert.equal((await worker.ended).signal, "SIGKILL");
  },
);

Deno.test("a worker that leaves is waited for", onLinux, async () => {
  await using box = new Sandbox();
  await using worker = new Bystander();
  const name = await leaveSegment(box, { keep: false, worker: worker.identity });
  const taking = takeOver(box, name, worker.identity, 20_000);
  setTimeout(() => Deno.kill(worker.pid, "SIGINT"), 300);
  await taking;
  assert.equal((await worker.ended).signal, "SIGINT");
});

Deno.test(
  "a worker whose segment cannot be looked at now goes on, and so do those taken over beside it",
  onLinux,
  async () => {
    await using box = new Sandbox();
    await using kept = new Bystander();
    await using unseen = new Bystander();
    const good = await leaveSegment(box, { keep: true, worker: kept.identity });
    using answering = WorkerEnd.open(good);
    answering.serve({ identify: () => IDENTITY });
    rewriteWorker(good, kept.identity);
    // Stands for any reason of the system's, such as too many open files.
    const bad = `msquicd-${box.instance}-2-ab`;
    Deno.mkdirSync(`/dev/shm/${bad}`);
    try {
      await box.state.prepare();
      const ledger = new SegmentLedger(box.state.segmentsFile);
      await ledger.add(good, kept.identity);
      await ledger.add(bad, unseen.identity);
      const entries = await readLedger(box.state.segmentsFile);
      const options = { ledger, entries, patienceMs: 100, identifyMs: 3000, signal: undefined };
      await assert.rejects(takeOverLeftWorkers(options), (error) => {
        assert.ok(error instanceof SharedMemoryError);
        assert.match(error.message, /^Cannot open shared memory ".*": EINVAL; look at/);
        return true;
      });
      assert.ok(alive(kept.pid));
      assert.ok(alive(unseen.pid));
      assert.deepEqual(await readLedger(box.state.segmentsFile), entries);
      // Whoever mends that finds both as they were.
      Deno.removeSync(`/dev/shm/${bad}`);
      const [worker, more] = await takeOverLeftWorkers({ ...options, entries: [entries[0]!] });
      assert.deepEqual([worker?.identity, more], [IDENTITY, undefined]);
      await worker!.segment[Symbol.asyncDispose]();
    } finally {
      await Deno.remove(`/dev/shm/${bad}`).catch(() => {});
    }
  },
);

Deno.test("inspectSegment() tells what is not there from what is empty", onLinux, async () => {
  await using box = new Sandbox();
  const name = `msquicd-${box.instance}-1-ab`;
  assert.equal(inspectSegment(name), undefined);
  Deno.writeTextFileSync(`/dev/shm/${name}`, "");
  const facts = inspectSegment(name);
  assert.deepEqual([facts?.worker.pid, facts?.keep], [0, false]);
  assert.match(facts?.problem?.message ?? "", /it is empty/);
});

Deno.test("SegmentLedger keeps names and processes, and sets aside what makes no sense", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const path = join(box.state.path, "segments");
  const text = "../x\nmsquicd-a-1-ff\nmsquicd-a-2-ff 12 34\nmsquicd-a-3 1\n";
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  const expected = [
    { name: "msquicd-a-1-ff", worker: undefined },
    { name: "msquicd-a-2-ff", worker: { pid: 12, startTime: 34n } },
  ];
  const ledger = new SegmentLedger(path);
  assert.deepEqual(await ledger.load(), expected);
  assert.equal(await Deno.readTextFile(`${path}.unusable`), text);
  await ledger.flush();
  assert.deepEqual(await readLedger(path), expected);
  ledger.add("msquicd-a-1-ff", { pid: 5, startTime: 6n });
  ledger.remove("msquicd-a-2-ff");
  await ledger.flush();
  assert.equal(await Deno.readTextFile(path), "msquicd-a-1-ff 5 6\n");
});
