/** Reads the resources of a Windows executable, by the PE Format and by nothing that writes them. */

/** Name of a resource, a type or a language: a number, or text in a few cases. */
export type ResourceName = number | string;

/** A resource, with its type, name and language. */
export interface Resource {
  readonly path: readonly ResourceName[];
  readonly content: Uint8Array;
}

const HEADER_AT = 60;
const SECTION_COUNT = 6;
const OPTIONAL_HEADER_SIZE = 20;
const OPTIONAL_HEADER = 24;
const RESOURCE_DIRECTORY = OPTIONAL_HEADER + 112 + 2 * 8;
const SECTION = { size: 40, address: 12, rawSize: 16, rawAt: 20 } as const;
const DIRECTORY = { size: 16, namedCount: 12, numberedCount: 14, entrySize: 8 } as const;
/** In the name: it is text. In the offset: what follows is another directory. */
const HIGH_BIT = 0x8000_0000;

/** All resources of an executable of 64 bits, in its order. */
export function readResources(executable: Uint8Array): Resource[] {
  const view = new DataView(executable.buffer, executable.byteOffset, executable.byteLength);
  const header = view.getUint32(HEADER_AT, true);
  const root = view.getUint32(header + RESOURCE_DIRECTORY, true);
  if (root === 0) return [];

  /** Where in the file is what is loaded at `address`. */
  function placeOf(address: number): number {
    const table = header + OPTIONAL_HEADER + view.getUint16(header + OPTIONAL_HEADER_SIZE, true);
    for (let index = 0; index < view.getUint16(header + SECTION_COUNT, true); index++) {
      const entry = table + index * SECTION.size;
      const offset = address - view.getUint32(entry + SECTION.address, true);
      if (offset < 0 || offset >= view.getUint32(entry + SECTION.rawSize, true)) continue;
      return view.getUint32(entry + SECTION.rawAt, true) + offset;
    }
    throw new RangeError(`No section has address ${address}`);
  }

  function nameOf(name: number): ResourceName {
    if (name < HIGH_BIT) return name;
    const at = start + name - HIGH_BIT;
    const bytes = executable.subarray(at + 2, at + 2 + view.getUint16(at, true) * 2);
    return new TextDecoder("utf-16le").decode(bytes);
  }

  function walk(directory: number, path: readonly ResourceName[]): Resource[] {
    const count = view.getUint16(directory + DIRECTORY.namedCount, true) +
      view.getUint16(directory + DIRECTORY.numberedCount, true);
    return Array.from({ length: count }, (_, index) => {
      const entry = directory + DIRECTORY.size + index * DIRECTORY.entrySize;
      const inner = [...path, nameOf(view.getUint32(entry, true))];
      const offset = view.getUint32(entry + 4, true);
      if (offset >= HIGH_BIT) return walk(start + offset - HIGH_BIT, inner);
      const place = placeOf(view.getUint32(start + offset, true));
      const size = view.getUint32(start + offset + 4, true);
      return [{ path: inner, content: executable.subarray(place, place + size) }];
    }).flat();
  }

  const start = placeOf(root);
  return walk(start, []);
}
