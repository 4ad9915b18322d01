import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Ledger } from "./load.ts";
import { Timeline } from "./timeline.ts";
import { verify } from "./verify.ts";

const NAME = "load-0/0/1";

/** Changes what is stored, or what is known of it. */
type Fault = (root: string, ledger: Ledger) => Promise<unknown> | unknown;

/** Stores one file in order, then lets something go wrong. @returns What is found. */
async function failuresAfter(fault: Fault): Promise<string[]> {
  const root = await Deno.makeTempDir({ prefix: "msquicd-verify-" });
  try {
    const timeline = new Timeline(() => {});
    const ledger = new Ledger(timeline);
    const bytes = new TextEncoder().encode("content");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await write(root, NAME, bytes);
    await write(root, "load-1/kept-2", bytes);
    await write(root, ".msquicd/id", bytes);
    await write(
      root,
      ".msquicd/receipts/1.receipts",
      new TextEncoder().encode(`\nkey ${sha256}\n`),
    );
    ledger.note({ type: "upload", name: NAME, size: bytes.length, sha256 });
    const { ino } = await Deno.stat(join(root, NAME));
    ledger.note({ type: "acknowledged", name: NAME, inode: ino });
    await fault(root, ledger);
    await verify(root, ledger, timeline);
    return timeline.failures;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function write(root: string, name: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(join(root, dirname(name)), { recursive: true });
  await Deno.writeFile(join(root, name), bytes);
}

Deno.test("verify() finds nothing where all is in order", async () => {
  assert.deepEqual(await failuresAfter(() => {}), []);
});

const FAULTS: [string, Fault][] = [
  ["was acknowledged and is not there", (root) => Deno.remove(join(root, NAME))],
  ["is not what was sent", (root) => Deno.writeTextFile(join(root, NAME), "Content")],
  ["was stored twice", async (root) => {
    await Deno.copyFile(join(root, NAME), join(root, "copy"));
    await Deno.rename(join(root, "copy"), join(root, NAME));
  }],
  ["is there and should not be", (root) => write(root, "load-0/0/2", new Uint8Array(1))],
  [
    "is there and should not be",
    (root) => write(root, ".msquicd/uploads/x.part", new Uint8Array()),
  ],
  ["was acknowledged 2 times", async (root, ledger) => {
    const { ino } = await Deno.stat(join(root, NAME));
    ledger.note({ type: "acknowledged", name: NAME, inode: ino });
  }],
  ["was neither stored nor refused", (_root, ledger) => {
    ledger.note({ type: "upload", name: "load-0/0/3", size: 1, sha256: "" });
  }],
  ["is lost", (_root, ledger) => {
    ledger.note({ type: "upload", name: "load-0/0/3", size: 1, sha256: "" });
    ledger.note({ type: "upload-lost", name: "load-0/0/3", error: "gone" });
  }],
  ["1 uploads were acknowledged, 0 noted", (root) => {
    return Deno.remove(join(root, ".msquicd/receipts/1.receipts"));
  }],
];

for (const [what, fault] of FAULTS) {
  Deno.test(`verify() finds: ${what}`, async () => {
    const failures = await failuresAfter(fault);
    assert.equal(failures.length, 1, failures.join("\n"));
    assert.match(failures[0] ?? "", new RegExp(what));
  });
}
