const FILE_ALIGNMENT = 0x200;
const PAGE = 0x1000;

/** Where the parts of the file are: `e_lfanew`, and what follows the headers of Windows before it. */
const PE = 0x40;
const COFF = PE + 4;
const OPTIONAL = COFF + 20;
const OPTIONAL_LENGTH = 240;
const SECTIONS = OPTIONAL + OPTIONAL_LENGTH;
const SECTION_LENGTH = 40;

const MACHINE_AMD64 = 0x8664;
/** IMAGE_FILE_EXECUTABLE_IMAGE, LARGE_ADDRESS_AWARE, DLL. */
const CHARACTERISTICS = 0x0002 | 0x0020 | 0x2000;
/** HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT: there is nothing to relocate, so it may lie anywhere. */
const DLL_CHARACTERISTICS = 0x0020 | 0x0040 | 0x0100;
const IMAGE_BASE = 0x1_8000_0000n;
const SUBSYSTEM_CONSOLE = 3;

/** IMAGE_SCN_…: what a section holds, and what may be done with it. */
const CODE = 0x6000_0020; // executed and read
const READ_ONLY = 0x4000_0040;
const READ_WRITE = 0xc000_0040;

const JUMP_LENGTH = 8;
const ADDRESS_LENGTH = 8;

/** The function that tells where the addresses are to be written, in the order of the names. */
export const TABLE_FUNCTION = "msquicd_table";

/**
 * A library for Windows on x86-64 whose functions jump to addresses in a table, which is empty: what loads
 * it writes them there, in the order of the names. So its bytes are the same on every machine, and in every
 * process.
 *
 * @param names Of the functions; sorted, as the loader looks for them by halves.
 * @returns The content of the file.
 * @source PE Format, https://learn.microsoft.com/windows/win32/debug/pe-format
 */
export function jumpLibrary(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const exported = [...names, TABLE_FUNCTION].sort(byCharacters);
  const code = PAGE;
  const codeLength = (names.length + 1) * JUMP_LENGTH;
  const exports = code + pages(codeLength);
  const exportBytes = exportSection(
    exports,
    exported.map((name) => {
      const index = names.indexOf(name);
      return { name, address: code + (index < 0 ? names.length : index) * JUMP_LENGTH };
    }),
  );
  const table = exports + pages(exportBytes.length);
  const tableLength = names.length * ADDRESS_LENGTH;
  const sections = [
    { name: ".text", at: code, bytes: codeSection(code, table, names.length), flags: CODE },
    { name: ".rdata", at: exports, bytes: exportBytes, flags: READ_ONLY },
    { name: ".data", at: table, bytes: new Uint8Array(tableLength), flags: READ_WRITE },
  ];
  const length = sections.reduce((sum, { bytes }) => sum + inFile(bytes.length), FILE_ALIGNMENT);
  const file = new DataView(new ArrayBuffer(length));
  writeHeaders(file, sections.length, table + pages(tableLength));
  file.setUint32(OPTIONAL + 4, inFile(codeLength), true); // SizeOfCode
  file.setUint32(OPTIONAL + 112, exports, true); // the first of the data directories
  file.setUint32(OPTIONAL + 116, exportBytes.length, true);
  let offset = FILE_ALIGNMENT;
  sections.forEach(({ name, at, bytes, flags }, index) => {
    const header = SECTIONS + index * SECTION_LENGTH;
    new TextEncoder().encodeInto(name, new Uint8Array(file.buffer, header, 8));
    file.setUint32(header + 8, bytes.length, true);
    file.setUint32(header + 12, at, true);
    file.setUint32(header + 16, inFile(bytes.length), true);
    file.setUint32(header + 20, offset, true);
    file.setUint32(header + 36, flags, true);
    new Uint8Array(file.buffer).set(bytes, offset);
    offset += inFile(bytes.length);
  });
  return new Uint8Array(file.buffer);
}

/** `jmp [rip + …]` for each function, and `lea rax, [rip + …]; ret` for the table. */
function codeSection(code: number, table: number, count: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer((count + 1) * JUMP_LENGTH));
  for (let index = 0; index < count; index++) {
    const at = index * JUMP_LENGTH;
    bytes.setUint16(at, 0xff25);
    bytes.setInt32(at + 2, table + index * ADDRESS_LENGTH - (code + at + 6), true);
    bytes.setUint16(at + 6, 0xcccc);
  }
  const at = count * JUMP_LENGTH;
  bytes.setUint16(at, 0x488d);
  bytes.setUint8(at + 2, 0x05);
  bytes.setInt32(at + 3, table - (code + at + 7), true);
  bytes.setUint8(at + 7, 0xc3);
  return new Uint8Array(bytes.buffer);
}

/** IMAGE_EXPORT_DIRECTORY, its three tables, and the names. */
function exportSection(
  start: number,
  functions: readonly { name: string; address: number }[],
): Uint8Array {
  const count = functions.length;
  const addresses = 40;
  const pointers = addresses + 4 * count;
  const ordinals = pointers + 4 * count;
  const text = ordinals + 2 * count;
  const strings = new TextEncoder().encode(
    `msquicd_jumps.dll\0${functions.map(({ name }) => name).join("\0")}\0`,
  );
  const bytes = new DataView(new ArrayBuffer(text + strings.length));
  bytes.setUint32(12, start + text, true); // Name
  bytes.setUint32(16, 1, true); // Base of the ordinals
  bytes.setUint32(20, count, true);
  bytes.setUint32(24, count, true);
  bytes.setUint32(28, start + addresses, true);
  bytes.setUint32(32, start + pointers, true);
  bytes.setUint32(36, start + ordinals, true);
  let name = text + strings.indexOf(0) + 1;
  functions.forEach(({ name: { length }, address }, index) => {
    bytes.setUint32(addresses + 4 * index, address, true);
    bytes.setUint32(pointers + 4 * index, start + name, true);
    bytes.setUint16(ordinals + 2 * index, index, true);
    name += length + 1;
  });
  const section = new Uint8Array(bytes.buffer);
  section.set(strings, text);
  return section;
}

function writeHeaders(file: DataView, sections: number, imageLength: number): void {
  file.setUint16(0, 0x4d5a); // "MZ"
  file.setUint32(0x3c, PE, true);
  file.setUint32(PE, 0x50450000); // "PE\0\0"
  file.setUint16(COFF, MACHINE_AMD64, true);
  file.setUint16(COFF + 2, sections, true);
  file.setUint16(COFF + 16, OPTIONAL_LENGTH, true);
  file.setUint16(COFF + 18, CHARACTERISTICS, true);
  file.setUint16(OPTIONAL, 0x20b, true); // PE32+
  file.setUint32(OPTIONAL + 20, PAGE, true); // BaseOfCode; there is no entry point
  file.setBigUint64(OPTIONAL + 24, IMAGE_BASE, true);
  file.setUint32(OPTIONAL + 32, PAGE, true);
  file.setUint32(OPTIONAL + 36, FILE_ALIGNMENT, true);
  file.setUint16(OPTIONAL + 40, 6, true); // of the system
  file.setUint16(OPTIONAL + 48, 6, true); // of the subsystem
  file.setUint32(OPTIONAL + 56, imageLength, true);
  file.setUint32(OPTIONAL + 60, FILE_ALIGNMENT, true); // SizeOfHeaders
  file.setUint16(OPTIONAL + 68, SUBSYSTEM_CONSOLE, true);
  file.setUint16(OPTIONAL + 70, DLL_CHARACTERISTICS, true);
  // Of the stack and the heap, which are those of the process.
  for (const field of [72, 80, 88, 96]) file.setBigUint64(OPTIONAL + field, 0x1000n, true);
  file.setUint32(OPTIONAL + 108, 16, true); // data directories
}

function byCharacters(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function pages(length: number): number {
  return Math.ceil(length / PAGE) * PAGE;
}

function inFile(length: number): number {
  return Math.ceil(length / FILE_ALIGNMENT) * FILE_ALIGNMENT;
}
