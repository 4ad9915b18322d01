import assert from "node:assert/strict";
import fc from "fast-check";
import { SegmentCorruptError } from "../../ipc/errors.ts";
import {
  encodeMessage,
  type ManagerMessage,
  managerMessage,
  parseRecord,
  type WorkerMessage,
  workerMessage,
} from "../../ipc/messages.ts";
import type { WorkerConfig } from "../../ipc/worker_config.ts";

const decodeManagerMessage = (record: Uint8Array) => managerMessage(parseRecord(record));
const decodeWorkerMessage = (record: Uint8Array) => workerMessage(parseRecord(record));

const config: WorkerConfig = {
  instance: "default",
  host: "127.0.0.1",
  port: 4433,
  root: "/srv/文件",
  certificateFile: "/state/cert.pem",
  privateKeyFile: "/state/key.pem",
  token: "secret",
  logLevel: "info",
  logFormat: "json",
};

const managerMessages: ManagerMessage[] = [
  { type: "start", config },
  { type: "start", config: { ...config, msquicPath: "/usr/lib/libmsquic.so.2" } },
  { type: "start", config: { ...config, keptUploads: { count: 1, bytes: 2 ** 40 } } },
  { type: "stop", deadlineMs: 0 },
  { type: "siblings", siblings: [] },
  { type: "ticket-key", key: "0f".repeat(48) },
  { type: "siblings", siblings: [{ port: 4434, sessions: 3, transfers: 0 }] },
  {
    type: "siblings",
    siblings: [],
    own: { port: 4434, sessions: 3, transfers: 0, bytesPerSecond: 2 ** 40, cpuPercent: 110 },
  },
];

const workerMessages: WorkerMessage[] = [
  { type: "ready", port: 4433, pid: 812, msquic: "2.5.1" },
  { type: "failed", error: { code: "port-taken", message: "Cannot bind UDP port 4433" } },
  { type: "stopped" },
];

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

Deno.test("messages come out of their encoding as they went in", () => {
  for (const message of managerMessages) {
    assert.deepEqual(decodeManagerMessage(encodeMessage(message)), message);
  }
  for (const message of workerMessages) {
    assert.deepEqual(decodeWorkerMessage(encodeMessage(message)), message);
  }
});

Deno.test("each side refuses the other side's messages", () => {
  for (const message of workerMessages) {
    assert.throws(() => decodeManagerMessage(encodeMessage(message)), SegmentCorruptError);
  }
  for (const message of managerMessages) {
    assert.throws(() => decodeWorkerMessage(encodeMessage(message)), SegmentCorruptError);
  }
});

Deno.test("a message with a field missing, added, or of another kind is refused", () => {
  const ready = workerMessages[0]!;
  const bad: unknown[] = [
    { ...ready, port: "4433" },
    { ...ready, port: 0 },
    { ...ready, port: 65536 },
    { ...ready, pid: -1 },
    { ...ready, pid: 1.5 },
    { ...ready, extra: 1 },
    { type: "ready", port: 1, pid: 1 },
    { type: "failed", error: { code: "x" } },
    { type: "failed", error: { code: "x", message: "y", stack: "z" } },
    { type: "failed", error: [] },
    { type: "stopped", at: 1 },
    { type: ["stopped"] },
    { type: "toString" },
    [ready],
    null,
    "stopped",
  ];
  for (const value of bad) {
    const refused = () => decodeWorkerMessage(encode(value));
    assert.throws(refused, SegmentCorruptError, JSON.stringify(value));
  }
  for (const key of Object.keys(config)) {
    const { [key]: _left, ...rest } = { ...config } as Record<string, unknown>;
    const missing = () => decodeManagerMessage(encode({ type: "start", config: rest }));
    assert.throws(missing, SegmentCorruptError, `without ${key}`);
    const wrong = { ...config, [key]: [] };
    const other = () => decodeManagerMessage(encode({ type: "start", config: wrong }));
    assert.throws(other, SegmentCorruptError, `with a wrong ${key}`);
  }
  for (const wrong of [{ logLevel: "loud" }, { logFormat: "xml" }, { __proto__x: 1 }]) {
    const start = encode({ type: "start", config: { ...config, ...wrong } });
    assert.throws(() => decodeManagerMessage(start), SegmentCorruptError, JSON.stringify(wrong));
  }
});

Deno.test("siblings with a field missing, added, or of another kind are refused", () => {
  const sibling = { port: 4434, sessions: 3, transfers: 0 };
  const bad: unknown[] = [
    undefined,
    {},
    [1],
    [{ ...sibling, port: 0 }],
    [{ ...sibling, sessions: -1 }],
    [{ ...sibling, transfers: "0" }],
    [{ ...sibling, extra: 1 }],
    [{ ...sibling, bytesPerSecond: -1 }],
    [{ ...sibling, cpuPercent: "5" }],
    [sibling, { port: 4434, sessions: 3 }],
  ];
  for (const siblings of bad) {
    const refused = () => decodeManagerMessage(encode({ type: "siblings", siblings }));
    assert.throws(refused, SegmentCorruptError, JSON.stringify(siblings));
  }
});

Deno.test("any bytes, any JSON and any damage throw SegmentCorruptError or nothing", () => {
  const valid = [...managerMessages, ...workerMessages].map((message) => encodeMessage(message));
  const damaged = fc.record({
    record: fc.constantFrom(...valid),
    at: fc.nat(),
    byte: fc.integer({ min: 0, max: 255 }),
  }).map(({ record, at, byte }) => record.with(at % record.length, byte));
  const records = fc.oneof(fc.uint8Array(), fc.jsonValue().map(encode), damaged);
  fc.assert(
    fc.property(records, (record) => {
      for (const decode of [decodeManagerMessage, decodeWorkerMessage]) {
        try {
          decode(record);
        } catch (error) {
          if (!(error instanceof SegmentCorruptError)) throw error;
        }
      }
    }),
    { numRuns: 2000 },
  );
});
