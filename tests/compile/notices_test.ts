import assert from "node:assert/strict";
import { noticesDocument } from "../../compile/notices/document.ts";
import { lockedPackages } from "../../compile/notices/npm.ts";

function read(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
}

Deno.test("THIRD_PARTY_NOTICES.md names every package that msquicd is made of or with", async () => {
  const notices = await read("THIRD_PARTY_NOTICES.md");
  const headings = notices.split("\n").filter((line) => line.startsWith("## ")).join(", ");
  const missing = lockedPackages(await read("deno.lock"))
    .map(({ name, version }) => `${name} ${version}`)
    .filter((name) => !headings.includes(name));
  assert.deepEqual(missing, [], "run: deno task notices");
  const crate = /name = "msquic"\nversion = "([^"]+)"/.exec(await read("native/Cargo.lock"));
  assert.ok(headings.includes(`MsQuic ${crate?.[1]}`), "run: deno task notices");
});

Deno.test("lockedPackages() takes names and versions apart", () => {
  const npm = { "b@1.0.0": {}, "@a/c@2.0.0-rc.1": {}, "d_e@3.0.0_peer@4.0.0": {} };
  assert.deepEqual(lockedPackages(JSON.stringify({ npm })), [
    { name: "@a/c", version: "2.0.0-rc.1" },
    { name: "b", version: "1.0.0" },
    { name: "d_e", version: "3.0.0" },
  ]);
  assert.deepEqual(lockedPackages("{}"), []);
});

Deno.test("noticesDocument() prints a text that several share once", () => {
  const text = noticesDocument([
    { name: "a 1", license: "MIT", text: "Do as\nyou like" },
    { name: "b 2", license: "MIT", text: "Do as you\nlike" },
    { name: "c 3", license: "ISC", text: "", remark: "Odd." },
  ]);
  assert.match(text, /^## a 1, b 2$/m);
  assert.equal(text.match(/Do as/g)?.length, 1);
  assert.match(text, /^## c 3\n\nLicence: ISC\.\n\nOdd\.\n\nIts authors ship no text/m);
});
