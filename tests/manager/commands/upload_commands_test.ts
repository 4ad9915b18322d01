import assert from "node:assert/strict";
import {
  createCommandRegistry,
  InvalidParametersError,
  type UploadSelection,
} from "../../../handlers/commands/mod.ts";
import { keptUploads, removeUploads } from "../../../manager/commands/kept_uploads.ts";
import { lockUpload } from "../../../transfer/mod.ts";
import { StagedFile } from "../../../transfer/upload/staged_file.ts";
import { stagedAs } from "../../../transfer/upload/upload_key.ts";
import { writeNote } from "../../../transfer/upload/upload_notes.ts";
import { temporaryStorage } from "../../transfer/temporary.ts";
import { contextOf } from "../fixtures/context.ts";
import "../../fixtures/loaded_libc.ts";

const SIZE = 5_000_000;
const AGES_S = [4000, 3000, 20];

/** Uploads that were interrupted some time ago; the last one without a note. */
async function keepSome(staging: string): Promise<void> {
  for (const age of AGES_S) {
    const subject = { id: "0".repeat(32), name: `file ${age}`, size: SIZE };
    const staged = await StagedFile.create(staging, stagedAs(subject));
    await staged.file.truncate(age * 100);
    staged.keep();
    await Deno.utime(staged.path, Date.now() / 1000 - age, Date.now() / 1000 - age);
    if (age > 20) await writeNote(staging, stagedAs(subject), subject);
  }
}

/** The path of what is staged of an upload. */
function pathOf(staging: string, id: string): string {
  const [name = assert.fail("It is gone")] = Array.from(
    Deno.readDirSync(staging),
    ({ name }) => name,
  ).filter((name) => name.includes(id));
  return `${staging}/${name}`;
}

Deno.test("keptUploads() tells what is kept, the oldest first, and what is received", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  assert.deepEqual(await keptUploads(staging), []);
  await keepSome(staging);
  const [, middle] = await keptUploads(staging);
  using _receiver = lockUpload(pathOf(staging, middle!.id));
  const uploads = await keptUploads(staging);
  assert.deepEqual(
    uploads.map(({ name, bytes, size, active }) => ({ name, bytes, size, active })),
    [
      { name: "file 4000", bytes: 400_000, size: SIZE, active: false },
      { name: "file 3000", bytes: 300_000, size: SIZE, active: true },
      { name: null, bytes: 2000, size: null, active: false },
    ],
  );
  for (const [index, { id, ageMs }] of uploads.entries()) {
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(Math.abs(ageMs - AGES_S[index]! * 1000) < 10_000, `${ageMs}`);
  }
});

Deno.test("removeUploads() removes what is named or old, all of it or nothing, and never what is received", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  await keepSome(staging);
  const ids = (await keptUploads(staging)).map(({ id }) => id);
  const [oldest = "", middle = "", youngest = ""] = ids;
  const left = async () => (await keptUploads(staging)).map(({ id }) => id);
  for (const wrong of ["f".repeat(32), oldest.slice(0, 3), ""]) {
    const removing = removeUploads(staging, { ids: [oldest, wrong] }, "default");
    await assert.rejects(removing, { code: "no-upload" });
  }
  const receiver = lockUpload(pathOf(staging, oldest));
  const active = removeUploads(staging, { ids: [middle, oldest] }, "default");
  await assert.rejects(active, { code: "upload-active" });
  assert.deepEqual(await removeUploads(staging, { olderThanMs: 3_600_000 }, "default"), []);
  assert.deepEqual(await left(), ids);
  receiver?.[Symbol.dispose]();
  const removed = await removeUploads(staging, { olderThanMs: 3_600_000 }, "default");
  assert.deepEqual(removed.map(({ id }) => id), [oldest]);
  await removeUploads(staging, { ids: [youngest.slice(0, 6), youngest] }, "default");
  assert.deepEqual(await left(), [middle]);
});

Deno.test("uploads.rm wants to be told which, and only in one way", async () => {
  const selections: UploadSelection[] = [];
  const context = contextOf({
    removeUploads(selection) {
      selections.push(selection);
      return Promise.resolve([]);
    },
  });
  const run = (parameters: unknown) =>
    createCommandRegistry().run("uploads.rm", context, parameters);
  const refused = [
    undefined,
    {},
    { ids: [] },
    { ids: "a" },
    { ids: [1] },
    { olderThanMs: -1 },
    { ids: ["a"], olderThanMs: 0 },
  ];
  for (const parameters of refused) {
    await assert.rejects(run(parameters), InvalidParametersError, JSON.stringify(parameters));
  }
  await run({ ids: ["abc"] });
  await run({ olderThanMs: 0 });
  assert.deepEqual(selections, [{ ids: ["abc"] }, { olderThanMs: 0 }]);
});
