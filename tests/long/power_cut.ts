import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { attributeName, setAttribute } from "../../ffi/files/extended_attribute_linux.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import {
  lockUpload,
  openStorageRoot,
  removeLeftovers,
  removeOldUploads,
  Upload,
} from "../../transfer/mod.ts";
import { findUpload } from "../../transfer/upload/find_upload.ts";
import { storedPlace } from "../../transfer/storage/stored_place.ts";
import { Random } from "../chaos/random.ts";
import { contentOf, INTERRUPTED, sha256Of } from "./power/contents.ts";
import { DiskModel, type DiskState, type Fate, type Mark } from "./power/disk_model.ts";
import { CALLS, readTrace } from "./power/trace.ts";

const SUBJECT = fileURLToPath(new URL("./power/subject.ts", import.meta.url));
const SEED = Number(Deno.env.get("MSQUICD_TEST_SEED") ?? Date.now() % 2 ** 32);
const DAY_MS = 24 * 60 * 60_000;

const hashes = new Map<string, string>([["-", "-"]]);

function hashOf(content: string): string {
  const known = hashes.get(content) ?? sha256Of(contentOf(content));
  hashes.set(content, known);
  return known;
}

for (const durability of ["full", "file", "none"] as const) {
  Deno.test(`a power cut at any moment takes no more than durability "${durability}" allows`, async () => {
    console.log(`MSQUICD_TEST_SEED=${SEED}`);
    const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "msquicd-power-" }));
    try {
      const model = await trace(directory, durability);
      const random = new Random(SEED);
      const counts = { states: 0, resumed: 0, fromStart: 0, whole: 0 };
      for (const moment of momentsOf(model)) {
        for (const state of statesAt(model, moment, random)) {
          counts.states++;
          const place = join(directory, "state");
          await makeState(place, state);
          const at = `call ${moment}, state ${counts.states}`;
          checkNames(model.marks, moment, place, durability, at);
          counts[await recover(place, at)]++;
          await Deno.remove(place, { recursive: true });
        }
      }
      console.log(durability, counts);
      // What is never flushed can hardly be gone on with.
      const resumed = counts.resumed > 0 || durability === "none";
      assert.ok(counts.states > 300 && resumed, "too little was tried");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

/** Stores files, and notes what the system is called for. */
async function trace(directory: string, durability: string): Promise<DiskModel> {
  const [output, place] = [join(directory, "trace"), join(directory, "subject")];
  await Deno.mkdir(place);
  const traced = ["run", "--allow-all", "--unstable-net", "--no-check", SUBJECT, place, durability];
  const options = ["-f", "-y", "-xx", "-s", "4194304", "-e", `trace=${CALLS}`, "-o", output];
  const { success, stderr } = await new Deno.Command("strace", {
    args: [...options, Deno.execPath(), ...traced],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const calls = readTrace(await Deno.readTextFile(output));
  await Deno.remove(output);
  return new DiskModel(join(place, "storage"), calls);
}

/** All that change more than bytes, and some of the others. */
function momentsOf({ moments, marks }: DiskModel): number[] {
  assert.ok(marks.length > 20, "nothing was stored");
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** What a cut may leave: of names the fewest, all, or any number between; of bytes what {@linkcode Fate} says. */
function* statesAt(model: DiskModel, moment: number, random: Random): Generator<DiskState> {
  const { least, most } = model.changesAt(moment);
  const any = () => random.pick<Fate>(["lost", "zeros", "kept"])!;
  yield model.stateAt(moment, least, () => "lost");
  yield model.stateAt(moment, most, () => "lost");
  yield model.stateAt(moment, most, () => "zeros");
  yield model.stateAt(moment, random.between(least, most), any);
}

async function makeState(place: string, { directories, files }: DiskState): Promise<void> {
  await Deno.mkdir(place);
  for (const directory of directories) {
    await Deno.mkdir(join(place, directory), { recursive: true });
  }
  for (const { path, bytes, attributes } of files) {
    const whole = join(place, path);
    await Deno.mkdir(dirname(whole), { recursive: true });
    await Deno.writeFile(whole, afterRestart(path, bytes));
    for (const [name, value] of attributes) {
      const written = new Uint8Array(value);
      if (name === "user.msquicd.part") written.fill(0, 0, 16); // another run of the system
      assert.ok(setAttribute(whole, attributeName(name), written));
    }
  }
}

/** Receipts are of another run of the system. */
function afterRestart(path: string, bytes: Uint8Array): Uint8Array {
  if (!path.endsWith(".receipts")) return bytes;
  const text = new TextDecoder("latin1").decode(bytes).replace(/@[0-9a-f]{8}/g, "@00000000");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** What names lead to is what was promised. */
function checkNames(
  marks: readonly Mark[],
  moment: number,
  place: string,
  durability: string,
  at: string,
): void {
  if (durability === "none") return;
  for (const name of new Set(marks.map(({ name }) => name))) {
    const seen = marks.filter((mark) => mark.name === name && mark.end <= moment);
    const found = hashAt(join(place, name));
    const last = seen.findLastIndex(({ done }) => done);
    const promised = durability === "full" ? seen.slice(Math.max(0, last)) : seen;
    const allowed = new Set(promised.map(({ content }) => hashOf(content)));
    if (last < 0 || durability === "file") allowed.add("-");
    assert.ok(allowed.has(found), `${at}: ${name} is ${found}, not of ${[...allowed]}`);
  }
}

function hashAt(path: string): string {
  try {
    return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "-";
    throw error;
  }
}

/** Goes on with the upload that was interrupted, as its client would. */
async function recover(place: string, at: string): Promise<"resumed" | "fromStart" | "whole"> {
  const root = { ...await openStorageRoot(place), tryLock: lockUpload };
  const data = contentOf(INTERRUPTED.name);
  const sha256 = hashOf(INTERRUPTED.name);
  const path = join(place, INTERRUPTED.name);
  let offset = 0;
  for (let attempt = 1;; attempt++) {
    assert.ok(attempt < 4, `${at}: it does not end`);
    const target = storedPlace({ ...root, owner: "test" }, INTERRUPTED.name);
    const found = await findUpload(root, INTERRUPTED, target);
    if (found.sha256 !== undefined && hashAt(path) === found.sha256) {
      assert.equal(found.sha256, sha256, at);
      break;
    }
    assert.equal(found.sha256, undefined, `${at}: said to be stored, and is not`);
    offset = found.offset;
    if (await goOn(root, data, offset, sha256) === "done") break;
  }
  const stored = hashAt(path);
  assert.equal(stored, sha256, at);
  // As the server's worker does when it starts.
  await removeLeftovers(root.staging, "test");
  await removeOldUploads(root.staging, lockUpload, Date.now() + 2 * DAY_MS);
  assert.deepEqual(Array.from(Deno.readDirSync(root.staging)), [], at);
  if (offset === 0) return "fromStart";
  return offset === data.length ? "whole" : "resumed";
}

async function goOn(
  root: Parameters<typeof Upload.open>[0],
  data: Uint8Array,
  offset: number,
  sha256: string,
): Promise<"done" | "again"> {
  try {
    const request = { ...INTERRUPTED, offset };
    await using upload = await Upload.open(root, request);
    const hash = upload.start?.hash ?? createHash("sha256");
    const rest = data.subarray(offset);
    for (let done = 0; done < rest.length;) done += await upload.file.write(rest.subarray(done));
    const received = hash.update(rest).digest("hex");
    // What a client is told as hash-mismatch; it then sends all of it.
    if (received !== sha256) {
      await upload.dropAfter(new ProtocolError("hash-mismatch", "Not what was sent"));
      return "again";
    }
    const place = storedPlace({ ...root, owner: "test" }, INTERRUPTED.name);
    await upload.publish(place, sha256, { overwrite: "always" });
    return "done";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "cannot-resume") return "again";
    throw error;
  }
}
