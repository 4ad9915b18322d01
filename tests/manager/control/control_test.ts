import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import { delay, settlesWithin } from "../../../base/mod.ts";
import {
  type CommandContext,
  createCommandRegistry,
  defineCommand,
} from "../../../handlers/commands/mod.ts";
import {
  callControl,
  ControlError,
  ManagerNotRunningError,
  SocketPathTooLongError,
  StateDirectory,
} from "../../../manager/mod.ts";
import { chooseControlPath } from "../../../manager/control/control_path.ts";
import { type ControlLimits, ControlServer } from "../../../manager/control/control_server.ts";
import { readLines } from "../../../base/lines.ts";
import { contextOf } from "../fixtures/context.ts";
import { within } from "../../ffi/within.ts";
import { eventually, Sandbox } from "../fixtures/harness.ts";

class CustomError extends Error {
  readonly code = "custom";
}

const status = { state: "ready", workers: [] };

/** A control endpoint with a few commands of its own, known to local clients. */
async function serve(
  box: Sandbox,
  limits?: ControlLimits,
): Promise<ControlServer & { hanging: Promise<void>; readonly hangs: number; release(): void }> {
  await box.state.prepare();
  const hanging = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let hangs = 0;
  const registry = createCommandRegistry()
    .add(defineCommand({
      name: "fail",
      summary: "Fails",
      right: "read",
      parameters: {},
      result: (v) => v.never(),
      show: String,
      run: () => Promise.reject(new CustomError("Cannot: on purpose")),
    }))
    .add(defineCommand({
      name: "add",
      summary: "Adds",
      right: "read",
      parameters: {
        a: { kind: "integer", summary: "One", required: true },
        b: { kind: "integer", summary: "Other" },
      },
      result: (v) => v.number(),
      show: String,
      run: (_context, { a, b = 1 }) => a + b,
    }))
    .add(defineCommand({
      name: "much",
      summary: "Answers at length",
      right: "read",
      parameters: {},
      result: (v) => v.string(),
      show: String,
      run: () => Promise.resolve("x".repeat(16 * 1024 * 1024)),
    }))
    .add(defineCommand({
      name: "hang",
      summary: "Answers when it is let",
      right: "read",
      parameters: {},
      result: (v) => v.string(),
      show: String,
      run: async () => {
        hangs++;
        hanging.resolve();
        await released.promise;
        return "late";
      },
    }));
  const context = contextOf({
    status: () => ({ ...status }) as unknown as ReturnType<CommandContext["status"]>,
    shutdown: () => Promise.resolve(0),
  });
  const control = chooseControlPath(box.state);
  const server = await ControlServer.listen(control, registry, context, limits);
  await box.state.writeInstanceInfo({
    instance: box.instance,
    pid: Deno.pid,
    host: "127.0.0.1",
    ports: [],
    fingerprints: [],
    fingerprint: "",
    control,
    version: "",
  });
  return Object.defineProperties(server, {
    hanging: { value: hanging.promise },
    release: { value: released.resolve },
    hangs: { get: () => hangs },
  }) as Awaited<ReturnType<typeof serve>>;
}

/**
 * Sends raw bytes on a connection of Deno's own, closes that half, and collects the lines that come
 * back until the other one is closed.
 */
async function exchange(path: string, ...sent: (string | Uint8Array)[]): Promise<unknown[]> {
  using connection = await Deno.connect({ transport: "unix", path });
  const lines = Array.fromAsync(readLines(received(connection), { maxBytes: 10_000_000 }));
  try {
    for (const bytes of sent) {
      let rest = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
      while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
    }
    await connection.closeWrite();
  } catch (error) {
    // The server has hung up already; on some versions of Deno before it has read everything.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  return (await lines).map((line) => JSON.parse(line));
}

async function* received(connection: Deno.Conn): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const size = await connection.read(buffer);
    if (size === null) return;
    yield buffer.subarray(0, size);
  }
}

/** Registers a test that uses {@linkcode exchange}: a named pipe of Windows has no half to close. */
function exchangeTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });
}

function request(method: string, params?: unknown, id: unknown = 1): string {
  return `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
}

function errorCodes(answers: unknown[]): unknown[] {
  return answers.map((answer) => (answer as { error?: { code?: number } }).error?.code);
}

Deno.test("callControl() returns results and throws the command's own errors", async () => {
  await using box = new Sandbox();
  await using _server = await serve(box);
  assert.deepEqual(await callControl(box.state, "status"), status);
  assert.equal(await callControl(box.state, "add", { a: 2, b: 3 }), 5);
  assert.equal(await callControl(box.state, "add", { a: 2 }), 3);
  const failures: [string, Record<string, unknown>, string, RegExp][] = [
    ["fail", {}, "custom", /Cannot: on purpose/],
    ["nope", {}, "usage", /no such command/],
    ["add", {}, "usage", /"a" is missing/],
    ["add", { a: "2" }, "usage", /"a" must be of kind integer/],
    ["add", { a: 1, c: 1 }, "usage", /no parameter "c"/],
  ];
  for (const [method, params, code, message] of failures) {
    await assert.rejects(callControl(box.state, method, params), (error) => {
      assert.ok(error instanceof ControlError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  }
});

exchangeTest("ControlServer survives rubbish and says what is wrong with it", async () => {
  await using box = new Sandbox();
  await using server = await serve(box);
  const rubbish: [string | Uint8Array, number][] = [
    ["hello\n", -32700],
    ["{\n", -32700],
    [new Uint8Array([0xFF, 0x00, 0x80, 10]), -32700],
    ["null\n", -32600],
    ["42\n", -32600],
    ["[]\n", -32600],
    ["{}\n", -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"status"}\n', -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"status"}\n', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":7}\n', -32600],
    [request("nope"), -32601],
    [request("__proto__"), -32601],
    [request("add", [1, 2]), -32602],
    [request("add", "x"), -32602],
    [request("add", { __proto__: null, toString: 1, a: 1 }), -32602],
    [request("fail"), -32000],
  ];
  for (const [bytes, code] of rubbish) {
    assert.deepEqual(errorCodes(await exchange(server.path, bytes)), [code], String(bytes));
  }
  const all = await exchange(server.path, ...rubbish.map(([bytes]) => bytes), request("status"));
  assert.equal(all.length, rubbish.length + 1);
  assert.deepEqual(await callControl(box.state, "status"), status);
});

exchangeTest("ControlServer refuses a line without end, and goes on serving", async () => {
  await using box = new Sandbox();
  await using server = await serve(box);
  const mebibyte = new Uint8Array(1024 * 1024).fill(0x61);
  const answers = await exchange(server.path, mebibyte, mebibyte);
  assert.deepEqual(errorCodes(answers), [-32600]);
  assert.deepEqual(await callControl(box.state, "status"), status);
});

exchangeTest(
  "ControlServer takes a last line without a break, blank lines and split ones",
  async () => {
    await using box = new Sandbox();
    await using server = await serve(box);
    const text = request("add", { a: 1 });
    const answers = await exchange(server.path, "\n\r\n", text.slice(0, 10), text.slice(10).trim());
    assert.deepEqual(answers, [{ jsonrpc: "2.0", id: 1, result: 2 }]);
  },
);

/** A client that holds its connection; `lines` are those that it has got. */
function hold(path: string, text: string) {
  const socket = connect({ path });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const lines: string[] = [];
  socket.on("data", (bytes) => lines.push(...String(bytes).trim().split("\n")));
  const said = new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return { socket, closed, lines, said };
}

const LIMITS: ControlLimits = { maxConnections: 4, requestMs: 300, answerMs: 300 };

// I10
Deno.test("ControlServer serves others while connections are held with half a request", async () => {
  await using box = new Sandbox();
  await using server = await serve(box, LIMITS);
  const held = Array.from({ length: 12 }, () => hold(server.path, request("status").slice(0, 20)));
  await Promise.all(held.map(({ said }) => said));
  for (let call = 0; call < 12; call++) {
    assert.deepEqual(await callControl(box.state, "status"), status);
  }
  await within(30_000, "their end", Promise.all(held.map(({ closed }) => closed)));
  const told = held.filter(({ lines }) => lines.length > 0);
  assert.ok(told.length > 0, "None was left the time");
  assert.match(told[0]?.lines[0] ?? "", /Request has not arrived whole within 0.3 s/);
});

Deno.test("ControlServer keeps a connection that waits, for its answer or before it asks", async () => {
  await using box = new Sandbox();
  await using server = await serve(box, LIMITS);
  const patient = hold(server.path, "");
  const waiting = Array.from({ length: 3 }, () => hold(server.path, request("hang")));
  await server.hanging;
  await delay(2 * LIMITS.requestMs);
  server.release();
  patient.socket.write(request("add", { a: 1 }));
  await eventually(
    "all are answered",
    () => [patient, ...waiting].every(({ lines }) => lines.length === 1),
  );
  assert.match(patient.lines[0] ?? "", /"result":2/);
  for (const { lines } of waiting) assert.match(lines[0] ?? "", /"result":"late"/);
  for (const { socket } of [patient, ...waiting]) socket.destroy();
});

Deno.test("ControlServer tells a client that more commands run than it takes, and runs those", async () => {
  await using box = new Sandbox();
  await using server = await serve(box, LIMITS);
  const busy = Array.from({ length: 4 }, () => hold(server.path, request("hang")));
  await eventually("all run", () => server.hangs === 4);
  await assert.rejects(callControl(box.state, "status"), (error) => {
    assert.ok(error instanceof ControlError);
    assert.equal(error.code, "too-many-commands");
    assert.match(error.message, /runs 4 commands at once already; try again/);
    return true;
  });
  server.release();
  await eventually("all are answered", () => busy.every(({ lines }) => lines.length === 1));
  for (const { socket } of busy) socket.destroy();
});

Deno.test("ControlServer gives up a client that does not read its answer", async () => {
  await using box = new Sandbox();
  await using server = await serve(box, { ...LIMITS, answerMs: 50 });
  const slow = hold(server.path, request("much"));
  slow.socket.pause();
  await delay(900);
  slow.socket.resume();
  await within(30_000, "the end of the connection", slow.closed);
  assert.ok(slow.lines.join("").length < 16 * 1024 * 1024);
  assert.deepEqual(await callControl(box.state, "status"), status);
});

exchangeTest("ControlServer runs batches, and answers no notification", async () => {
  await using box = new Sandbox();
  await using server = await serve(box);
  const notification = '{"jsonrpc":"2.0","method":"add","params":{"a":1}}';
  const call = request("add", { a: 5 }, "x").trim();
  assert.deepEqual(await exchange(server.path, `${notification}\n`), []);
  assert.deepEqual(await exchange(server.path, `[${notification}]\n`), []);
  const [batch] = await exchange(server.path, `[${notification},${call},7]\n`) as unknown[][];
  assert.deepEqual(batch?.[0], { jsonrpc: "2.0", id: "x", result: 6 });
  assert.deepEqual(errorCodes(batch ?? []), [undefined, -32600]);
});

Deno.test("ControlServer.close() lets a call that is under way be answered", async () => {
  await using box = new Sandbox();
  const server = await serve(box);
  const idle = connect({ path: server.path });
  const idleClosed = new Promise<void>((resolve) => idle.once("close", () => resolve()));
  const calling = callControl(box.state, "hang");
  await server.hanging;
  const closing = server.close();
  server.release();
  await closing;
  assert.equal(await calling, "late");
  await idleClosed;
  assert.equal(existsSync(server.path), false);
  await server.close();
});

Deno.test({
  name: "ControlServer.listen() replaces a stale socket, for the owner alone",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using box = new Sandbox();
    await box.state.prepare();
    const path = chooseControlPath(box.state);
    Deno.writeTextFileSync(path, "left over");
    await using server = await serve(box);
    assert.equal((Deno.statSync(server.path).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual(await callControl(box.state, "status"), status);
  },
});

Deno.test({
  name: "chooseControlPath() refuses a path that is too long for a socket",
  ignore: Deno.build.os === "windows",
  fn() {
    const room = 107 - "/default/control.sock".length;
    const longest = new StateDirectory("default", `/${"x".repeat(room - 1)}`);
    assert.equal(chooseControlPath(longest).length, 107);
    const longer = new StateDirectory("default", `/${"x".repeat(room)}`);
    assert.throws(() => chooseControlPath(longer), SocketPathTooLongError);
    const wide = new StateDirectory("default", `/${"é".repeat(room / 2)}x`);
    assert.throws(() => chooseControlPath(wide), SocketPathTooLongError);
  },
});

Deno.test("callControl() says when no manager runs, also if one was killed", async () => {
  await using box = new Sandbox();
  await assert.rejects(callControl(box.state, "status"), ManagerNotRunningError);
  const server = await serve(box);
  await server.close();
  await assert.rejects(callControl(box.state, "status"), ManagerNotRunningError);
});

Deno.test("callControl() gives up at its time limit and when it is told to", async () => {
  await using box = new Sandbox();
  await using server = await serve(box);
  await assert.rejects(callControl(box.state, "hang", {}, { timeoutMs: 50 }), (error) => {
    assert.ok(error instanceof ControlError);
    assert.equal(error.code, "control-timeout");
    return true;
  });
  const abort = new AbortController();
  const calling = callControl(box.state, "hang", {}, { signal: abort.signal });
  await eventually("one runs", () => server.hangs > 0);
  abort.abort(new Error("enough"));
  await assert.rejects(calling, /enough/);
  server.release();
});

Deno.test("callControl() understands nothing but JSON-RPC", async () => {
  await using box = new Sandbox();
  await (await serve(box)).close();
  const path = (await box.state.readInstanceInfo())?.control;
  for (const reply of ["rubbish\n", "{}\n", ""]) {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.resume();
      const pipe = Deno.build.os === "windows"; // it has no other end
      socket.end(reply, () => pipe && socket.destroy());
    });
    await new Promise<void>((listening) => server.listen({ path }, () => listening()));
    await assert.rejects(callControl(box.state, "status"), (error) => {
      assert.ok(error instanceof ControlError);
      assert.equal(error.code, "control-failed");
      return true;
    });
    // Deno 2.6 never says that a server which had a connection is closed.
    await settlesWithin(new Promise<void>((closed) => server.close(() => closed())), 100);
  }
});
