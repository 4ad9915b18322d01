import assert from "node:assert/strict";
import type { UploadStatus } from "../../../handlers/commands/mod.ts";
import type { ManagerRequests, SessionSummary, TransferSummary } from "../../../ipc/mod.ts";
import { redirectLogs } from "../../../log/mod.ts";
import type { Asked } from "../../../manager/commands/gather.ts";
import { sessionCommands } from "../../../manager/commands/session_commands.ts";

const SESSION: SessionSummary = {
  ...{ id: "", peer: "127.0.0.1:1", agent: null, kind: "owner", identity: "owner" },
  ...{ state: "active", since: 0, idleMs: 0, requests: 0, requestsTotal: 3, transfers: 0 },
  ...{ bytesIn: 0, bytesOut: 0 },
  path: { rttUs: 1500, congestionWindow: 1000, packetsSent: 200, packetsLost: 3 },
};

const TRANSFER: TransferSummary = {
  ...{ id: "", session: "s", peer: "127.0.0.1:1", agent: null, identity: "owner" },
  ...{ request: "file.put", direction: "up", name: "a", size: 1000, offset: 400, start: 100 },
  ...{ since: 0, rate: 200 },
};

type Requests = {
  [Name in keyof ManagerRequests]?: (
    params: ManagerRequests[Name]["params"],
  ) => ManagerRequests[Name]["answer"];
};

/** A worker that answers these requests, and fails with all others. */
function worker(port: number, answers: Requests): Asked {
  return {
    port,
    request: (name, params) => {
      const answer = answers[name];
      if (answer === undefined) return Promise.reject(new Error(`It does not answer ${name}`));
      return Promise.resolve(answer(params));
    },
  };
}

/** One with so many sessions, whose ids begin with its port. */
function crowded(port: number, count: number, kicked: string[] = []): Asked {
  const all = Array.from({ length: count }, (_, at) => ({ ...SESSION, id: `${port}${at + 1000}` }));
  return worker(port, {
    sessions: ({ after = 0, limit, prefix = "" }) => {
      const those = all.filter(({ id }) => id.startsWith(prefix));
      const sessions = those.slice(after, after + limit);
      const next = after + limit;
      return { sessions, handshaking: 2, ...(next < those.length ? { next } : {}) };
    },
    kick: ({ session, message = "" }) => {
      kicked.push(`${session} ${message}`);
      return { session: { ...SESSION, id: session }, transfers: [{ ...TRANSFER, id: "ab" }] };
    },
  });
}

function commands(workers: readonly Asked[], kept: UploadStatus[] = []) {
  return sessionCommands({ asked: () => workers }, {
    uploads: () => Promise.resolve(kept),
    removeUploads: (selection) => {
      const ids = "ids" in selection ? selection.ids : [];
      return Promise.resolve(kept.filter(({ id }) => ids.includes(id)));
    },
  }, "mine");
}

Deno.test("sessions has those of all workers, however many, and says who is silent", async () => {
  using _logs = redirectLogs(() => {});
  const { sessions } = commands([crowded(4433, 250), worker(4434, {}), crowded(4435, 1)]);
  const { sessions: all, handshaking, silent } = await sessions(undefined);
  assert.equal(new Set(all.map(({ id }) => id)).size, 251);
  assert.deepEqual([handshaking, silent], [4, [4434]]);
  const { port, rttMs, lossPercent, congestionWindow } = all.at(-1)!;
  assert.deepEqual([port, rttMs, lossPercent, congestionWindow], [4435, 1.5, 1.5, 1000]);
});

Deno.test("kick ends the one session that an id means, and names those that it may mean", async () => {
  const kicked: string[] = [];
  const { kick } = commands([crowded(4433, 3, kicked), crowded(4434, 12, kicked)]);
  const { session, transfers } = await kick("44331002", "maintenance");
  assert.deepEqual([session.id, session.port, transfers[0]?.id], ["44331002", 4433, "ab"]);
  assert.deepEqual(kicked, ["44331002 maintenance"]);
  await assert.rejects(kick("5555", undefined), { code: "no-session" });
  await assert.rejects(kick("4434", undefined), {
    code: "ambiguous-id",
    message: /44341000 of 127\.0\.0\.1:1 on port 4434; .* and 7 more$/,
  });
  assert.equal(kicked.length, 1);
});

Deno.test("transfers has what moves and what waits, each once, and cancel ends either", async () => {
  const kept = (id: string, active: boolean): UploadStatus => ({
    ...{ id: id.padEnd(32, "0"), name: "k", bytes: 300, size: 900, ageMs: 7, active },
  });
  const cancelled: string[] = [];
  const moving = worker(4433, {
    transfers: () => ({
      transfers: [
        { ...TRANSFER, id: "aaaa11111111", since: 5 },
        { ...TRANSFER, id: "bbbb11111111", since: 1, size: null, rate: 0 },
      ],
    }),
    cancel: ({ transfer, message = "" }) => {
      cancelled.push(`${transfer} ${message}`);
      return { cancelled: transfer.startsWith("a") };
    },
  });
  const uploads = [kept("aaaa11111111", false), kept("cccc1", false), kept("dddd1", true)];
  const { transfers, cancelTransfer } = commands([moving], uploads);
  const { transfers: all } = await transfers(undefined);
  assert.deepEqual(
    all.map(({ id, state, offset, etaMs }) => [id, state, offset, etaMs]),
    [
      ["bbbb11111111", "moving", 400, null],
      ["aaaa11111111", "moving", 400, 3000],
      ["cccc10000000", "waiting", 300, null],
    ],
  );
  assert.deepEqual((await transfers(4433)).transfers.length, 2);
  assert.equal((await cancelTransfer("aaaa", "enough")).id, "aaaa11111111");
  await assert.rejects(cancelTransfer("bbbb", undefined), { code: "transfer-done" });
  assert.equal((await cancelTransfer("cccc", undefined)).state, "waiting");
  await assert.rejects(cancelTransfer("dddd", undefined), { code: "no-transfer" });
  assert.deepEqual(cancelled, ["aaaa11111111 enough", "bbbb11111111 "]);
});
