import assert from "node:assert/strict";
import { list } from "../../client/list.ts";
import type { FileListRequest, FileListResponse } from "../../protocol/mod.ts";

const entry = (name: string) => ({ name, size: 1, mtime: 0 });

Deno.test("list() asks for the next page while one is gone through, and for no more", async () => {
  const asked: (string | undefined)[] = [];
  const limits: (number | undefined)[] = [];
  const pages: Record<string, FileListResponse> = {
    "": { entries: [entry("a"), entry("b")], next: "b" },
    b: { entries: [entry("c")], next: "c" },
    c: { entries: [entry("d")] },
  };
  const askForPage = ({ after, limit }: FileListRequest) => {
    asked.push(after);
    limits.push(limit);
    return Promise.resolve(pages[after ?? ""]!);
  };
  const seen: string[] = [];
  for await (const { name } of list(askForPage, undefined)) {
    seen.push(name);
    if (name === "a") assert.deepEqual(asked, [undefined, "b"]);
    if (name === "c") assert.deepEqual(asked, [undefined, "b", "c"]);
  }
  assert.deepEqual(seen, ["a", "b", "c", "d"]);
  assert.equal(asked.length, 3);
  // Only the first one is short, so that it is soon there.
  assert.deepEqual(limits, [512, undefined, undefined]);
});

Deno.test("list() gives what a page has before it fails with the next one, or with a list without end", async () => {
  const seen: string[] = [];
  const gone = new Error("connection is gone");
  const failing = ({ after }: FileListRequest): Promise<FileListResponse> =>
    after === undefined
      ? Promise.resolve({ entries: [entry("a")], next: "a" })
      : Promise.reject(gone);
  await assert.rejects(async () => {
    for await (const { name } of list(failing, undefined)) seen.push(name);
  }, gone);
  assert.deepEqual(seen, ["a"]);
  let pages = 0;
  const endless = () => Promise.resolve({ entries: [entry(`${++pages}`)], next: "a" });
  await assert.rejects(Array.fromAsync(list(endless, undefined)), { code: "bad-body" });
  assert.equal(pages, 2);
});

Deno.test("list() that is left early takes no notice of what becomes of the page it has asked for", async () => {
  const failing = ({ after }: FileListRequest): Promise<FileListResponse> =>
    after === undefined
      ? Promise.resolve({ entries: [entry("a")], next: "a" })
      : Promise.reject(new Error("nobody looks at it"));
  for await (const { name } of list(failing, undefined)) {
    assert.equal(name, "a");
    break;
  }
});
