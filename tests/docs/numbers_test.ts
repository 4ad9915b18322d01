import assert from "node:assert/strict";
import { BASE_PORT, KEYS } from "../../manager/mod.ts";
import { read } from "./markdown.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What documents say in their sentences of constants that are in the code. */
const STATEMENTS: readonly [document: string, statement: string][] = [
  ["docs/architecture.md", `At most ${of("ipc/pending_requests.ts", "MAX_PENDING")} requests wait`],
  ["docs/architecture.md", `once; ${of("ipc/message_queue.ts", "MAX_WAITING")} one-way messages`],
  ["docs/architecture.md", `up to ${of("ipc/parts.ts", "MAX_MESSAGE_BYTES") / MIB} MiB, one such`],
  ["docs/architecture.md", `their own (${of("ipc/layout.ts", "URGENT_CAPACITY") / KIB} KiB)`],
  [
    "docs/architecture.md",
    `no answer within ${of("manager/takeover/left_workers.ts", "IDENTIFY_MS") / 1000} s`,
  ],
  [
    "docs/architecture.md",
    `by looking every ${of("manager/process/adopted_process.ts", "POLL_MS")} ms`,
  ],
  [
    "docs/architecture.md",
    `its last ${of("manager/process/worker_process.ts", "KEPT_LINES")} lines on standard`,
  ],
  [
    "docs/architecture.md",
    `file of up to ${of("protocol/limits.ts", "MAX_PACKED_SIZE") / KIB} KiB`,
  ],
  ["docs/architecture.md", `After ${of("tasks/task_pool.ts", "IDLE_MS") / 1000} s without work`],
  ["docs/handlers.md", `${of("tasks/task_pool.ts", "MAX_QUEUED")} tasks may wait`],
  ["docs/handlers.md", `end after ${of("tasks/task_pool.ts", "IDLE_MS") / 1000} s without`],
  ["docs/architecture.md", `that ${of("client/put_many.ts", "MAX_BYTES") / MIB} MiB may be under`],
  ["docs/architecture.md", `each file, ${of("client/put_many.ts", "ALONE_AT_ONCE")} under way`],
  ["docs/architecture.md", `${of("client/get_many.ts", "FILES_AT_ONCE")} are asked for with one`],
  [
    "docs/architecture.md",
    `up to ${of("ffi/msquic/send_batch.ts", "SMALL_SEND") / KIB} KiB goes to MsQuic`,
  ],
  ["docs/architecture.md", `not turned for ${of("worker/life/pulse.ts", "BEAT_MS")} ms`],
  [
    "docs/architecture.md",
    `up to ${of("log/text_queue.ts", "MAX_WAITING") / MIB} MiB of text, and more are dropped`,
  ],
  [
    "docs/architecture.md",
    `at ${of("log/rotating_file.ts", "MAX_BYTES") / MIB} MiB a file is set aside`,
  ],
  [
    "docs/configuration.md",
    `up to ${of("manager/supervision/worker_config.ts", "LOSS_DEADLINE_MS") / 1000} s (or`,
  ],
  [
    "docs/configuration.md",
    `less than ${of("transfer/upload/resumable_size.ts", "RESUMABLE_SIZE") / MIB} MiB nothing is`,
  ],
  ["docs/configuration.md", `set aside at ${of("log/rotating_file.ts", "MAX_BYTES") / MIB} MiB`],
  ["docs/configuration.md", `at least ${1000}`],
  ["docs/scripts.md", `try for ${of("base/usual_retry_ms.ts", "USUAL_RETRY_MS") / 60_000} minutes`],
  ["README.md", `127.0.0.1:${BASE_PORT}-${BASE_PORT + KEYS.workers.default - 1}; stop`],
  ["README.md", `default \`${KEYS.root.default}\``],
];

Deno.test("Numbers in the documents' sentences are those of the code", () => {
  for (const [document, statement] of STATEMENTS) {
    const text = read(document).replaceAll(/\s+/g, " ");
    assert.ok(text.includes(statement), `${document} does not say: ${statement}`);
  }
});

Deno.test("of() reads a constant from the code", () => {
  assert.equal(of("protocol/limits.ts", "MAX_PACKED_SIZE"), 65_536);
  assert.throws(() => of("protocol/limits.ts", "NO_SUCH_SIZE"));
});

/** A constant of a module, also one that it keeps to itself: a number, or a product of some. */
function of(path: string, name: string): number {
  const found = new RegExp(`\\bconst ${name} = ([\\d_* ]+);`).exec(read(path))?.[1];
  if (found === undefined) throw new Error(`There is no number ${name} in ${path}`);
  return found.split("*").reduce(
    (product, factor) => product * Number(factor.replaceAll("_", "")),
    1,
  );
}
