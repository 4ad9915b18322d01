import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { Status } from "../../ffi/msquic/abi/mod.ts";
import { isAddressInUse, MsQuicError } from "../../ffi/mod.ts";
import { ManagerEnd, type WorkerConfig, type WorkerMessage } from "../../ipc/mod.ts";
import { redirectLogs } from "../../log/mod.ts";
import { ApplicationError, Flags, MessageType } from "../../protocol/mod.ts";
import { main } from "../../worker/main.ts";
import { within } from "../ffi/within.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { bindUdp } from "../fixtures/free_ports.ts";
import "../fixtures/loaded_msquic.ts";
import { ClientConnection } from "./client_connection.ts";
import { TOKEN } from "./fakes.ts";

/** The manager of one worker, which runs in this process. */
class ManagerBench implements AsyncDisposable {
  readonly end: ManagerEnd;
  readonly logs: string[] = [];
  /** The worker's exit code. */
  readonly exited: Promise<number>;
  readonly #resources: AsyncDisposableStack;
  readonly #messages: AsyncIterator<WorkerMessage>;

  private constructor(
    readonly config: WorkerConfig,
    readonly fingerprint: string,
    resources: AsyncDisposableStack,
  ) {
    this.end = resources.use(ManagerEnd.create({ instance: "test", port: 0, generation: 0 }));
    const beating = setInterval(() => this.end.beat(), 100);
    resources.defer(() => clearInterval(beating));
    resources.use(redirectLogs((line) => void this.logs.push(line)));
    this.#messages = this.end.messages()[Symbol.asyncIterator]();
    this.#resources = resources;
    this.exited = main(["--segment", this.end.name]);
  }

  static async open(config: Partial<WorkerConfig> = {}): Promise<ManagerBench> {
    await using resources = new AsyncDisposableStack();
    const { fingerprint, ...certificate } = resources.use(await makeTestCertificate());
    const root = await Deno.makeTempDir({ prefix: "msquicd-worker-" });
    resources.defer(() => Deno.remove(root, { recursive: true }));
    const whole: WorkerConfig = {
      instance: "test",
      host: "127.0.0.1",
      port: 0,
      root,
      certificateFile: certificate.certificateFile,
      privateKeyFile: certificate.privateKeyFile,
      token: TOKEN,
      logLevel: "debug",
      logFormat: "json",
      ...config,
    };
    return new ManagerBench(whole, fingerprint, resources.move());
  }

  async next(): Promise<WorkerMessage> {
    const { value, done } = await within(30_000, "a message", this.#messages.next());
    assert.ok(!done);
    return value;
  }

  async start(): Promise<number> {
    await this.end.send({ type: "start", config: this.config });
    const message = await this.next();
    assert.ok(message.type === "ready", JSON.stringify(message));
    assert.equal(message.pid, Deno.pid);
    assert.match(message.msquic, /^2\.\d+\.\d+/);
    return message.port;
  }

  /** Waits until the log has a line with this in it. */
  async logged(text: string): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!this.logs.some((line) => line.includes(text))) {
      assert.ok(performance.now() < deadline, `Not in the log: ${text}`);
      await delay(5);
    }
  }

  exitCode(): Promise<number> {
    return within(30_000, "the exit", this.exited);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exitCode();
    await this.#resources.disposeAsync();
  }
}

Deno.test("worker main serves when told to start, and stops when told to", async () => {
  await using bench = await ManagerBench.open();
  const port = await bench.start();
  const server = { address: { hostname: "127.0.0.1", port } };
  await using client = await ClientConnection.open(server, bench.fingerprint);
  const greeting = await client.request(MessageType.hello, { token: TOKEN });
  assert.equal(greeting.flags, Flags.response);
  assert.equal((await client.request(MessageType.ping, {})).flags, Flags.response);
  const { counters } = bench.end;
  assert.equal(counters.sessions, 1);
  assert.ok(counters.rssBytes > 1_000_000 && counters.cpuMicros > 0 && counters.bytesIn > 0);
  assert.ok(bench.end.workerHeartbeatAgeMs < 30_000);
  await bench.end.send({ type: "stop", deadlineMs: 5000 });
  assert.deepEqual(await bench.next(), { type: "stopped" });
  assert.equal(await bench.exitCode(), 0);
  assert.equal(bench.end.counters.sessions, 0);
  assert.ok(bench.logs.length > 0 && !bench.logs.join("\n").includes(TOKEN));
});

Deno.test("worker main answers its manager: who is connected, and ends whom the manager names", async () => {
  await using bench = await ManagerBench.open();
  const port = await bench.start();
  const { end } = bench;
  const { time } = await end.request("ping", {});
  assert.ok(Math.abs(time - Date.now()) < 60_000);
  const all = { limit: 100 };
  assert.deepEqual(await end.request("sessions", all), { sessions: [], handshaking: 0 });
  {
    const server = { address: { hostname: "127.0.0.1", port } };
    await using client = await ClientConnection.open(server, bench.fingerprint);
    await client.request(MessageType.hello, { token: TOKEN, agent: "tester" });
    const { sessions } = await end.request("sessions", all);
    const [session, ...others] = sessions;
    assert.ok(session !== undefined && others.length === 0);
    const { agent, state, peer, since, bytesIn } = session;
    assert.deepEqual({ agent, state }, { agent: "tester", state: "active" });
    assert.match(peer, /^127\.0\.0\.1:\d+$/);
    assert.ok(bytesIn > 0 && since <= Date.now());
    assert.ok(session.idleMs <= Date.now() - since && session.path!.rttUs > 0);
    assert.deepEqual(await end.request("kick", { session: "nobody" }), { transfers: [] });
    const kicked = await end.request("kick", { session: session.id });
    assert.equal(kicked.session?.id, session.id);
    await assert.rejects(client.request(MessageType.ping, {}));
    const { by, errorCode } = await within(30_000, "its end", client.connection.ended);
    assert.deepEqual([by, errorCode], ["peer", ApplicationError.ended]);
    await bench.logged(`Session ${session.id} of ${peer} is over: server, kicked`);
  }
  await end.send({ type: "stop", deadlineMs: 0 });
  assert.deepEqual(await bench.next(), { type: "stopped" });
  await assert.rejects(end.request("ping", {}, { deadlineMs: 50 }), { code: "deadline-exceeded" });
});

Deno.test("worker main changes its log level when asked", async () => {
  await using bench = await ManagerBench.open();
  const { end } = bench;
  const early = end.request("log-level", { level: "info" });
  await assert.rejects(early, { name: "RequestFailedError", code: "not-started" });
  await bench.start();
  assert.deepEqual(await end.request("log-level", { level: "error" }), { before: "debug" });
  const before = bench.logs.length;
  await end.send({ type: "stop", deadlineMs: 0 });
  assert.deepEqual(await bench.next(), { type: "stopped" });
  assert.equal(await bench.exitCode(), 0);
  assert.equal(bench.logs.length, before, bench.logs.at(-1));
});

Deno.test("worker main that cannot start says why and exits with 1", async () => {
  await using bench = await ManagerBench.open({ certificateFile: "/nonexistent.pem" });
  await bench.end.send({ type: "start", config: bench.config });
  const message = await bench.next();
  assert.ok(message.type === "failed");
  assert.equal(message.error.code, "unusable-credential");
  assert.notEqual(message.error.message, "");
  assert.equal(await bench.exitCode(), 1);
});

Deno.test("worker main says which port is taken, in a code of its own", async () => {
  await using taken = await bindUdp(0);
  await using bench = await ManagerBench.open({ port: taken.port });
  await bench.end.send({ type: "start", config: bench.config });
  assert.deepEqual(await bench.next(), {
    type: "failed",
    error: {
      code: "port-in-use",
      message: `UDP port ${taken.port} on 127.0.0.1 is in use by another process`,
    },
  });
  assert.equal(await bench.exitCode(), 1);
  // What it says of itself does not decide what it is.
  const named = new MsQuicError("ListenerStart", Status.OUT_OF_MEMORY, {
    detail: "ADDRESS_IN_USE",
  });
  assert.equal(isAddressInUse(named), false);
});

Deno.test("worker main tells which certificate it presents", async () => {
  await using bench = await ManagerBench.open();
  await bench.end.send({ type: "start", config: bench.config });
  const ready = await bench.next();
  assert.ok(ready.type === "ready", JSON.stringify(ready));
  assert.equal(ready.fingerprint, bench.fingerprint);
  const identity = await bench.end.request("identify", {});
  assert.equal(identity.fingerprint, bench.fingerprint);
  await bench.end.send({ type: "stop", deadlineMs: 0 });
  assert.deepEqual(await bench.next(), { type: "stopped" });
  assert.equal(await bench.exitCode(), 0);
});

Deno.test("worker main leaves when told to stop instead of to start", async () => {
  await using bench = await ManagerBench.open();
  await bench.end.send({ type: "stop", deadlineMs: 0 });
  assert.deepEqual(await bench.next(), { type: "stopped" });
  assert.equal(await bench.exitCode(), 0);
});

Deno.test("worker main leaves with 1, and says so, after an error that nothing has caught", async () => {
  await using bench = await ManagerBench.open();
  await bench.start();
  void Promise.reject(new Error("Nobody expects it"));
  const message = await bench.next();
  assert.ok(message.type === "failed");
  assert.equal(message.error.code, "worker-fault");
  assert.equal(await bench.exitCode(), 1);
  assert.ok(bench.logs.some((line) => line.includes("Nobody expects it")));
});

Deno.test({
  name: "worker main leaves on SIGTERM",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using bench = await ManagerBench.open();
    await bench.start();
    Deno.kill(Deno.pid, "SIGTERM");
    assert.deepEqual(await bench.next(), { type: "stopped" });
    assert.equal(await bench.exitCode(), 0);
  },
});

Deno.test("worker main refuses wrong arguments with 2, and a segment that is not there with 1", async () => {
  const logs: string[] = [];
  using _logs = redirectLogs((line) => void logs.push(line));
  for (const args of [[], ["--segment"], ["--other", "x"], ["x"]]) {
    assert.equal(await main(args), 2);
  }
  assert.match(logs[0] ?? "", /^Usage/);
  assert.equal(await main(["--segment", "msquicd-test-0-none"]), 1);
  assert.match(logs.at(-1) ?? "", /^Cannot start a worker/);
});
