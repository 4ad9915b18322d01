import { alignUp } from "./pe.ts";

/** Name of a resource, a type or a language: a number, or text in a few cases. */
export type ResourceName = number | string;

/** A resource: bytes of its own, or bytes that the executable has already. */
export interface Resource {
  /** Type, name and language. */
  readonly path: readonly [ResourceName, ResourceName, ResourceName];
  readonly content: Uint8Array | { readonly address: number; readonly size: number };
}

const DIRECTORY = { size: 16, namedCount: 12, numberedCount: 14, entrySize: 8 } as const;
const DATA_ENTRY_SIZE = 16;
/** In the name: it is text. In the offset: what follows is another directory. */
const HIGH_BIT = 0x8000_0000;
const LEVELS = 3;

/** Reads a resource section (the PE Format's ".rsrc Section"). */
export function readResources(section: Uint8Array): Resource[] {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const found: Resource[] = [];
  function walk(directory: number, path: readonly ResourceName[]): void {
    const count = view.getUint16(directory + DIRECTORY.namedCount, true) +
      view.getUint16(directory + DIRECTORY.numberedCount, true);
    for (let index = 0; index < count; index++) {
      const entry = directory + DIRECTORY.size + index * DIRECTORY.entrySize;
      const offset = view.getUint32(entry + 4, true);
      const [type, name, language] = [...path, readName(view, view.getUint32(entry, true))];
      if (offset >= HIGH_BIT) {
        walk(offset - HIGH_BIT, [type, name].filter((part) => part !== undefined));
      } else if (type !== undefined && name !== undefined && language !== undefined) {
        const content = {
          address: view.getUint32(offset, true),
          size: view.getUint32(offset + 4, true),
        };
        found.push({ path: [type, name, language], content });
      }
    }
  }
  walk(0, []);
  return found;
}

function readName(view: DataView, name: number): ResourceName {
  if (name < HIGH_BIT) return name;
  const at = name - HIGH_BIT;
  const units = Array.from(
    { length: view.getUint16(at, true) },
    (_, index) => view.getUint16(at + 2 + index * 2, true),
  );
  return String.fromCharCode(...units);
}

/**
 * Writes a resource section.
 *
 * @param address Where it will be loaded.
 */
export function writeResources(resources: readonly Resource[], address: number): Uint8Array {
  const parts: { at: number; bytes: Uint8Array }[] = [];
  let end = 0;
  function reserve(size: number): { at: number; bytes: Uint8Array; view: DataView } {
    const bytes = new Uint8Array(size);
    const part = { at: end, bytes, view: new DataView(bytes.buffer) };
    parts.push(part);
    end = alignUp(end + size, 8);
    return part;
  }
  function writeDirectory(inside: readonly Resource[], level: number): number {
    const groups = [...Map.groupBy(inside, ({ path }) => path[level] ?? 0)].sort(byName);
    const named = groups.filter(([name]) => typeof name === "string").length;
    const directory = reserve(DIRECTORY.size + groups.length * DIRECTORY.entrySize);
    directory.view.setUint16(DIRECTORY.namedCount, named, true);
    directory.view.setUint16(DIRECTORY.numberedCount, groups.length - named, true);
    for (const [index, [name, group]] of groups.entries()) {
      const entry = DIRECTORY.size + index * DIRECTORY.entrySize;
      directory.view.setUint32(entry, typeof name === "string" ? writeName(name) : name, true);
      directory.view.setUint32(entry + 4, writeBelow(group, level + 1), true);
    }
    return directory.at;
  }
  function writeBelow(group: readonly Resource[], level: number): number {
    if (level < LEVELS) return writeDirectory(group, level) + HIGH_BIT;
    const entry = reserve(DATA_ENTRY_SIZE);
    const content = group[0]?.content ?? new Uint8Array();
    const place = content instanceof Uint8Array ? writeContent(content) : content;
    entry.view.setUint32(0, place.address, true);
    entry.view.setUint32(4, place.size, true);
    return entry.at;
  }
  function writeName(name: string): number {
    const text = reserve(2 + name.length * 2);
    text.view.setUint16(0, name.length, true);
    for (let i = 0; i < name.length; i++) text.view.setUint16(2 + i * 2, name.charCodeAt(i), true);
    return text.at + HIGH_BIT;
  }
  function writeContent(content: Uint8Array): { address: number; size: number } {
    const data = reserve(content.length);
    data.bytes.set(content);
    return { address: address + data.at, size: content.length };
  }
  writeDirectory(resources, 0);
  const section = new Uint8Array(end);
  for (const { at, bytes } of parts) section.set(bytes, at);
  return section;
}

/** Windows looks names up by halving: those that are text first, in order, then the numbers. */
function byName(
  [a]: readonly [ResourceName, unknown],
  [b]: readonly [ResourceName, unknown],
): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === typeof b) return String(a) < String(b) ? -1 : 1;
  return typeof a === "string" ? -1 : 1;
}
