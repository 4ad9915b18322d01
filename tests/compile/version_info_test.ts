import assert from "node:assert/strict";
import { alignUp, PortableExecutable } from "../../compile/windows/pe.ts";
import { withVersionInfo } from "../../compile/windows/brand.ts";
import { readResources, type Resource, writeResources } from "../../compile/windows/resources.ts";
import { encodeVersionInfo } from "../../compile/windows/version_info.ts";

const HEADER = 64;
const OPTIONAL_SIZE = 240;
const SECTION_TABLE = HEADER + 24 + OPTIONAL_SIZE;
const ADDRESS = 0x1000;
const FILE_ALIGNMENT = 0x200;

/** A Windows executable of one section. */
function executable(content: Uint8Array, resources: number): Uint8Array {
  const bytes = new Uint8Array(0x400 + alignUp(content.length, FILE_ALIGNMENT));
  const view = new DataView(bytes.buffer);
  view.setUint32(60, HEADER, true);
  view.setUint32(HEADER, 0x4550, true);
  view.setUint16(HEADER + 6, 1, true);
  view.setUint16(HEADER + 20, OPTIONAL_SIZE, true);
  view.setUint32(HEADER + 24 + 32, 0x1000, true);
  view.setUint32(HEADER + 24 + 36, FILE_ALIGNMENT, true);
  view.setUint32(HEADER + 24 + 60, 0x400, true);
  view.setUint32(HEADER + 24 + 112 + 16, resources, true);
  const section = [content.length, ADDRESS, alignUp(content.length, FILE_ALIGNMENT), 0x400];
  for (const [index, value] of section.entries()) {
    view.setUint32(SECTION_TABLE + 8 + index * 4, value, true);
  }
  bytes.set(content, 0x400);
  return bytes;
}

/** What a resource is made of, wherever it lies. */
function bytesOf(image: PortableExecutable, { content }: Resource): Uint8Array {
  if (content instanceof Uint8Array) return content;
  return image.at(content.address).subarray(0, content.size);
}

const PROGRAM: Resource = { path: [10, "D3N0L4ND", 0], content: new Uint8Array([1, 2, 3]) };
const ICON: Resource = { path: [3, 1, 0], content: new Uint8Array([4, 5]) };
const OTHER_ICON: Resource = { path: [3, 2, 0], content: new Uint8Array([6]) };
const INFO = { version: "1.2.3-rc.1", strings: { ProductName: "msquicd", FileVersion: "1.2.3" } };

Deno.test("writeResources() writes what readResources() reads, in the order that is prescribed", () => {
  const section = writeResources([PROGRAM, OTHER_ICON, ICON], ADDRESS);
  const image = new PortableExecutable(executable(section, ADDRESS));
  const read = readResources(image.at(image.resources));
  assert.deepEqual(read.map(({ path }) => path), [ICON.path, OTHER_ICON.path, PROGRAM.path]);
  assert.deepEqual(read.map((resource) => [...bytesOf(image, resource)]), [[4, 5], [6], [1, 2, 3]]);
});

Deno.test("withVersionInfo() adds a version and leaves the other resources where they are", () => {
  const before = executable(writeResources([PROGRAM, ICON], ADDRESS), ADDRESS);
  const image = new PortableExecutable(withVersionInfo(before, INFO));
  const resources = readResources(image.at(image.resources));
  assert.deepEqual(resources.map(({ path }) => path), [ICON.path, PROGRAM.path, [16, 1, 0x409]]);
  const [icon, program, version] = resources.map((resource) => bytesOf(image, resource));
  assert.deepEqual([...icon ?? []], [4, 5]);
  assert.deepEqual([...program ?? []], [1, 2, 3]);
  assert.deepEqual(version, encodeVersionInfo(INFO));
});

Deno.test("withVersionInfo() makes resources where there are none", () => {
  const image = new PortableExecutable(withVersionInfo(executable(new Uint8Array(9), 0), INFO));
  assert.equal(image.resources, 2 * ADDRESS);
  assert.equal(readResources(image.at(image.resources)).length, 1);
});

Deno.test("withVersionInfo() refuses what is no Windows executable", () => {
  assert.throws(() => withVersionInfo(new Uint8Array(256), INFO), /no Windows executable/);
});

Deno.test("encodeVersionInfo() has the version as numbers and the strings as text", () => {
  const bytes = encodeVersionInfo(INFO);
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
