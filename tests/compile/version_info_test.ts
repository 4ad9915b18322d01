import assert from "node:assert/strict";
// @ts-types="../../compile/windows/resedit.d.ts"
import { NtExecutable, NtExecutableResource } from "resedit";
import { withVersionInfo } from "../../compile/windows/version_info.ts";
import { readResources, type Resource } from "./resources.ts";

const PROGRAM: Resource = { path: [10, "D3N0L4ND", 0], content: new Uint8Array([1, 2, 3]) };
const ICON: Resource = { path: [3, 1, 0], content: new Uint8Array([4, 5]) };
const OTHER_ICON: Resource = { path: [3, 2, 0], content: new Uint8Array([6]) };
const INFO = { version: "1.2.3-rc.1", strings: { ProductName: "msquicd", FileVersion: "1.2.3" } };
const VERSION_PATH = [16, 1, 0x409];

/** A Windows executable with these resources, and nothing else. */
function executable(contents: readonly Resource[]): Uint8Array {
  const image = NtExecutable.createEmpty(false, false);
  if (contents.length > 0) {
    const resources = NtExecutableResource.from(image);
    for (const { path: [type = 0, id = 0, lang = 0], content } of contents) {
      const bin = new Uint8Array(content).buffer;
      resources.replaceResourceEntry({ type, id, lang, codepage: 1200, bin });
    }
    resources.outputResource(image);
  }
  return new Uint8Array(image.generate());
}

function plain(resources: readonly Resource[]): [Resource["path"], number[]][] {
  return resources.map(({ path, content }) => [path, [...content]]);
}

function versionOf(resources: readonly Resource[]): Uint8Array {
  const found = resources.filter(({ path }) => path[0] === VERSION_PATH[0]);
  assert.deepEqual(found.map(({ path }) => path), [VERSION_PATH]);
  return new Uint8Array(found[0]?.content ?? []);
}

Deno.test("withVersionInfo() adds a version, keeps the other resources, and has them in order", () => {
  const before = executable([PROGRAM, OTHER_ICON, ICON]);
  const kept = [ICON, OTHER_ICON, PROGRAM]; // in the order that is prescribed
  assert.deepEqual(plain(readResources(before)), plain(kept));
  const after = readResources(withVersionInfo(before, INFO));
  assert.deepEqual(plain(after.slice(0, -1)), plain(kept));
  assert.deepEqual(after.at(-1)?.path, VERSION_PATH);
});

Deno.test("withVersionInfo() replaces a version that is there", () => {
  const before = withVersionInfo(executable([PROGRAM]), { version: "0.9.0", strings: {} });
  const after = readResources(withVersionInfo(before, INFO));
  assert.deepEqual(plain(after.slice(0, 1)), plain([PROGRAM]));
  assert.match(new TextDecoder("utf-16le").decode(versionOf(after)), /FileVersion\0+1\.2\.3\0/);
});

Deno.test("withVersionInfo() makes resources where there are none", () => {
  assert.deepEqual(readResources(executable([])), []);
  assert.equal(readResources(withVersionInfo(executable([]), INFO)).length, 1);
});

Deno.test("withVersionInfo() refuses what is no Windows executable", () => {
  for (const bytes of [new Uint8Array(256), new Uint8Array()]) {
    assert.throws(() => withVersionInfo(bytes, INFO), /no Windows executable/);
  }
});

Deno.test("withVersionInfo() has the version as numbers and the strings as text", () => {
  const bytes = versionOf(readResources(withVersionInfo(executable([]), INFO)));
  const view = new DataView(bytes.buffer);
  assert.equal(view.getUint16(0, true), bytes.length);
  const fixed = 40; // after the header and "VS_VERSION_INFO"
  assert.equal(view.getUint32(fixed, true), 0xfeef04bd);
  assert.equal(view.getUint32(fixed + 8, true), 0x0001_0002);
  assert.equal(view.getUint32(fixed + 12, true), 0x0003_0000);
  const text = new TextDecoder("utf-16le").decode(bytes);
  assert.match(text, /ProductName\0+msquicd\0/);
  assert.match(text, /FileVersion\0+1\.2\.3\0/);
});
