import assert from "node:assert/strict";
import { messages } from "../../protocol/mod.ts";

const SHA256 = "ab".repeat(32);
const ID = "cd".repeat(16);
const DISK = { path: "/srv/files", total: 100, free: 50, available: 40 };
const PROCESS = {
  ...{ pid: 2, role: "worker", port: 4433, state: "ready" },
  ...{ cpuPercent: 1.5, rssBytes: 3, uptimeMs: 4 },
};
const MACHINE = {
  ...{ host: "box", os: "linux", release: "6.1", arch: "x86_64", uptimeMs: 1 },
  versions: { msquicd: "0.1.0", deno: "2.9.6", v8: "14", msquic: "2.5.1" },
  ...{ instance: "default", port: 4433, pid: 2, processors: 2 },
  memory: { total: 4, available: 3, swapTotal: 0, swapFree: 0 },
  disks: [DISK],
};
const STATS = {
  ...{ port: 4433, pid: 2, uptimeMs: 1, counters: { sessions: 1 } },
  loop: { turns: 3, boundsMs: [0.1, 0.2], counts: [1, 1, 1], quantilesMs: { p50: 0.2 } },
  sessions: { authenticating: 0, active: 1, draining: 0, closing: 0 },
};
const INFO = { name: "a/b.txt", size: 3, mtime: 1_700_000_000_000 };

interface Case {
  parse: (body: unknown) => unknown;
  /** Taken, and returned as they are. */
  good: Record<string, unknown>[];
  /** Refused, each because of the field named. */
  bad: Record<string, Record<string, unknown>[]>;
}

const CASES: Record<string, Case> = {
  "hello request": {
    parse: messages.hello.parseRequest,
    good: [{ token: "t" }, { token: "", agent: "curl/1" }, {}, { agent: "curl/1" }],
    bad: {
      token: [{ token: 1 }, { token: "x".repeat(1025) }],
      agent: [{ token: "t", agent: 1 }, { token: "t", agent: "x".repeat(257) }],
    },
  },
  "hello answer": {
    parse: messages.hello.parseResponse,
    good: [
      { session: "s1", server: "msquicd/0.1.0", maxBodyLength: 262_144 },
      { session: "", server: "", maxBodyLength: 1, siblings: [1, 65535], prefer: 1 },
      { session: "", server: "", maxBodyLength: 1, siblings: [] },
    ],
    bad: {
      session: [{ server: "", maxBodyLength: 1 }],
      server: [{ session: "", maxBodyLength: 1 }],
      maxBodyLength: [0, -1, 1.5, "1", 262_145].map((maxBodyLength) => ({
        session: "",
        server: "",
        maxBodyLength,
      })),
      siblings: [4433, [0], [65536], ["1"], [[1]], Array(1001).fill(1)].map((siblings) => ({
        session: "",
        server: "",
        maxBodyLength: 1,
        siblings,
      })),
      prefer: [0, 65536, 1.5, "1"].map((prefer) => ({
        session: "",
        server: "",
        maxBodyLength: 1,
        prefer,
      })),
    },
  },
  "goaway": {
    parse: messages.goaway.parse,
    good: [
      { successors: [], deadlineMs: 0 },
      { successors: [4433, 1], deadlineMs: 2 ** 53 - 1 },
      { successors: [4433], deadlineMs: 1, advice: true },
    ],
    bad: {
      advice: [{ successors: [], deadlineMs: 0, advice: 1 }],
      successors: [{ deadlineMs: 1 }, { deadlineMs: 1, successors: [-1] }],
      deadlineMs: [{ successors: [] }, { successors: [], deadlineMs: -1 }],
    },
  },
  "ping answer": {
    parse: messages.ping.parseResponse,
    good: [{ time: 0 }, { time: 1_700_000_000_000 }],
    bad: { time: [{}, { time: "0" }, { time: 0.5 }, { time: NaN }] },
  },
  "file.put request": {
    parse: messages.filePut.parseRequest,
    good: [
      { name: "a", size: 0 },
      { name: "..", size: Number.MAX_SAFE_INTEGER, overwrite: "newer", mtime: -8.64e15 },
    ],
    bad: {
      name: [{ size: 1 }, { name: 1, size: 1 }],
      size: [-1, 0.5, Infinity, 2 ** 53, "1", null].map((size) => ({ name: "a", size })),
      overwrite: [{ name: "a", size: 1, overwrite: "sometimes" }, {
        name: "a",
        size: 1,
        overwrite: 1,
      }],
      mtime: [{ name: "a", size: 1, mtime: 8.64e15 + 1 }, { name: "a", size: 1, mtime: "now" }],
    },
  },
  "file.put answer": {
    parse: messages.filePut.parseResponse,
    good: [{ name: "a", size: 1, sha256: SHA256 }],
    bad: {
      name: [{ name: "../a", size: 1, sha256: SHA256 }],
      size: [{ name: "a", sha256: SHA256 }],
      sha256: ["", "AB".repeat(32), `${SHA256}0`, 1].map((sha256) => ({
        name: "a",
        size: 1,
        sha256,
      })),
    },
  },
  "file.stat request": {
    parse: messages.fileStat.parseRequest,
    good: [{ name: "a" }, { name: "../unchecked" }],
    bad: { name: [{}, { name: [] }] },
  },
  "file.stat answer": {
    parse: messages.fileStat.parseResponse,
    good: [INFO],
    bad: {
      name: [{ ...INFO, name: "a\u001b[2J" }, { ...INFO, name: "" }],
      size: [{ ...INFO, size: undefined }],
      mtime: [{ ...INFO, mtime: 1.5 }],
    },
  },
  "file.get request": {
    parse: messages.fileGet.parseRequest,
    good: [
      { name: "a" },
      { name: "a", size: 3, mtime: 1, offset: 3 },
      { name: "a", size: 3, mtime: 1, offset: 1, length: 2, transfer: ID },
    ],
    bad: {
      name: [{}],
      length: [{ name: "a", size: 3, mtime: 1, offset: 1, length: 3 }],
      transfer: [{ name: "a", size: 3, mtime: 1, offset: 1, length: 2, transfer: "b" }],
      offset: [{ name: "a", size: 3, mtime: 1, offset: 4 }],
      size: [{ name: "a", mtime: 1, offset: 0 }],
      mtime: [{ name: "a", size: 3, offset: 0 }],
    },
  },
  "file.get answer": {
    parse: messages.fileGet.parseResponse,
    good: [INFO, { ...INFO, length: 0 }],
    bad: { length: [{ ...INFO, length: -1 }] },
  },
  "file.digests request": {
    parse: messages.fileDigests.parseRequest,
    good: [{ name: "a", size: 3, mtime: 1 }],
    bad: {
      name: [{ size: 3, mtime: 1 }],
      size: [{ name: "a", mtime: 1 }],
      mtime: [{ name: "a", size: 3 }],
    },
  },
  "file.digests answer": {
    parse: messages.fileDigests.parseResponse,
    good: [{ digest: new Uint8Array(32) }],
    bad: { digest: [{}, { digest: SHA256 }, { digest: new Uint8Array(31) }] },
  },
  "file.put_striped request": {
    parse: messages.filePutStriped.parseRequest,
    good: [{ name: "a", size: 3, id: ID }, {
      name: "a",
      size: 3,
      id: ID,
      part: ID,
      repeated: true,
    }],
    bad: {
      id: [{ name: "a", size: 3 }],
      size: [{ name: "a", id: ID }],
      repeated: [{ name: "a", size: 3, id: ID, repeated: 1 }],
    },
  },
  "file.put_striped answer": {
    parse: messages.filePutStriped.parseResponse,
    good: [{ levels: new Uint8Array(8) }, { again: 0 }, { sha256: SHA256 }],
    bad: { levels: [{ levels: "" }], again: [{ again: -1 }], sha256: [{}, { sha256: "" }] },
  },
  "file.put_chunks request": {
    parse: messages.filePutChunks.parseRequest,
    good: [
      { id: ID, name: "a", size: 3 },
      { id: ID, part: ID, name: "a", size: 3, compression: "zstd" },
    ],
    bad: {
      id: [{ name: "a", size: 3 }],
      name: [{ id: ID, size: 3 }],
      size: [{ id: ID, name: "a" }],
      compression: [{ id: ID, name: "a", size: 3, compression: "auto" }],
    },
  },
  "file.put_chunks answer": {
    parse: messages.filePutChunks.parseResponse,
    good: [{ chunk: 0 }],
    bad: { chunk: [{}, { chunk: -1 }] },
  },
  "file.resume request": {
    parse: messages.fileResume.parseRequest,
    good: [{ id: ID, name: "a", size: 3 }, { id: ID, part: ID, name: "a", size: 3 }],
    bad: {
      id: [{ name: "a", size: 3 }, { id: ID.toUpperCase(), name: "a", size: 3 }],
      part: [{ id: ID, part: "", name: "a", size: 3 }],
      name: [{ id: ID, size: 3 }],
      size: [{ id: ID, name: "a" }],
    },
  },
  "file.resume answer": {
    parse: messages.fileResume.parseResponse,
    good: [{ offset: 0 }, { offset: 3, sha256: SHA256 }],
    bad: { offset: [{}, { offset: -1 }], sha256: [{ offset: 3, sha256: "" }] },
  },
  "system.info answer": {
    parse: messages.systemInfo.parseResponse,
    good: [MACHINE, { ...MACHINE, load: [0.5, 0, 12.25], disks: [] }],
    bad: {
      host: [{ ...MACHINE, host: undefined }, { ...MACHINE, host: "x".repeat(4097) }],
      versions: [{ ...MACHINE, versions: null }],
      processors: [{ ...MACHINE, processors: 0 }],
      load: [{ ...MACHINE, load: ["1"] }, { ...MACHINE, load: [1, 1, 1, 1] }],
      memory: [{ ...MACHINE, memory: undefined }],
      available: [{ ...MACHINE, memory: { ...MACHINE.memory, available: -1 } }],
      disks: [{ ...MACHINE, disks: {} }, { ...MACHINE, disks: Array(17).fill(DISK) }],
      total: [{ ...MACHINE, disks: [{ ...DISK, total: 0.5 }] }],
    },
  },
  "system.time answer": {
    parse: messages.systemTime.parseResponse,
    good: [{ time: 1, zone: "UTC", offsetMinutes: 0 }, { time: 1, zone: "", offsetMinutes: -210 }],
    bad: {
      time: [{ zone: "UTC", offsetMinutes: 0 }],
      zone: [{ time: 1, offsetMinutes: 0 }],
      offsetMinutes: [0.5, 1441, "0"].map((offsetMinutes) => ({
        time: 1,
        zone: "",
        offsetMinutes,
      })),
    },
  },
  "system.stats answer": {
    parse: messages.systemStats.parseResponse,
    good: [STATS, { ...STATS, counters: {}, loop: { ...STATS.loop, quantilesMs: {} } }],
    bad: {
      port: [{ ...STATS, port: 65_536 }],
      counters: [{ ...STATS, counters: null }],
      sessions: [{ ...STATS, counters: { sessions: -1 } }, { ...STATS, sessions: undefined }],
      counts: [{ ...STATS, loop: { ...STATS.loop, counts: [0.5] } }],
      boundsMs: [{ ...STATS, loop: { ...STATS.loop, boundsMs: Array(65).fill(1) } }],
      p50: [{ ...STATS, loop: { ...STATS.loop, quantilesMs: { p50: Infinity } } }],
      active: [{ ...STATS, sessions: { ...STATS.sessions, active: undefined } }],
    },
  },
  "system.processes answer": {
    parse: messages.systemProcesses.parseResponse,
    good: [{ processes: [] }, { processes: [PROCESS, { ...PROCESS, role: "manager" }] }],
    bad: {
      processes: [{}, { processes: {} }],
      role: [{ processes: [{ ...PROCESS, role: "init" }] }],
      cpuPercent: [{ processes: [{ ...PROCESS, cpuPercent: NaN }] }],
      pid: [{ processes: [{ ...PROCESS, pid: "2" }] }],
    },
  },
  "system.disk answer": {
    parse: messages.systemDisk.parseResponse,
    good: [{ disks: [DISK, { ...DISK, files: 3, filesFree: 2 }] }],
    bad: {
      disks: [{}],
      path: [{ disks: [{ ...DISK, path: 1 }] }],
      files: [{ disks: [{ ...DISK, files: -1 }] }],
    },
  },
  "system.action.run request": {
    parse: messages.systemActionRun.parseRequest,
    good: [{ name: "a", arguments: {} }, { name: "", arguments: { x: "1", y: 0.5 } }],
    bad: {
      name: [{ arguments: {} }, { name: "x".repeat(65), arguments: {} }],
      arguments: [{ name: "a", arguments: 1 }, { name: "a", arguments: { ["x".repeat(65)]: "" } }],
      x: [{ name: "a", arguments: { x: true } }, { name: "a", arguments: { x: "x".repeat(4097) } }],
    },
  },
  "system.action.list answer": {
    parse: messages.systemActionList.parseResponse,
    good: [
      { actions: [] },
      {
        actions: [{
          name: "a",
          timeoutMs: 1,
          arguments: [
            { name: "x", kind: "choice", choices: ["1"], default: "1" },
            { name: "y", kind: "number", min: 0.5, max: 1, integer: false },
            { name: "z", kind: "file" },
          ],
        }],
      },
    ],
    bad: {
      actions: [{}],
      timeoutMs: [{ actions: [{ name: "a", timeoutMs: 0, arguments: [] }] }],
      arguments: [{ actions: [{ name: "a", timeoutMs: 1 }] }],
      kind: [{ actions: [{ name: "a", timeoutMs: 1, arguments: [{ name: "x", kind: "any" }] }] }],
    },
  },
  "file.list request": {
    parse: messages.fileList.parseRequest,
    good: [{}, { prefix: "a/", after: "a/b", limit: 1 }, { limit: 1000 }],
    bad: {
      prefix: [{ prefix: 1 }],
      after: [{ after: {} }],
      limit: [{ limit: 0 }, { limit: 1001 }, { limit: "1" }],
    },
  },
  "file.list answer": {
    parse: messages.fileList.parseResponse,
    good: [{ entries: [] }, { entries: [INFO], next: "a/b.txt" }],
    bad: {
      entries: [{}, { entries: {} }],
      name: [{ entries: [INFO, { ...INFO, name: "a:b" }] }],
      next: [{ entries: [], next: 1 }],
    },
  },
};

for (const [name, { parse, good, bad }] of Object.entries(CASES)) {
  Deno.test(`${name}: what is right is taken, and fields that nobody knows are ignored`, () => {
    for (const body of good) {
      assert.deepEqual(parse(body), body);
      assert.deepEqual(parse({ ...body, unknown: [1] }), body);
    }
  });

  Deno.test(`${name}: the field that is wrong is named`, () => {
    for (const [field, wrong] of Object.entries(bad)) {
      for (const body of wrong) {
        const wanted = { code: "bad-body", message: new RegExp(`^Field "${field}" `) };
        assert.throws(() => parse(body), wanted, JSON.stringify(body));
      }
    }
  });

  Deno.test(`${name}: what is not a map is refused`, () => {
    for (const body of [null, undefined, 1, "a", []]) {
      assert.throws(() => parse(body), { code: "bad-body" });
    }
  });
}

Deno.test("hello request: nil is an absent field", () => {
  assert.deepEqual(messages.hello.parseRequest({ token: "t", agent: null }), { token: "t" });
});
