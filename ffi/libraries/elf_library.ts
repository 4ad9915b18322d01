/** `e_machine` of the processors that Deno runs on; elf.h. */
const MACHINES = { x86_64: 62, aarch64: 183 } as const;

const HEADER = 64;
const PROGRAM_HEADER = 56;
const SYMBOL = 24;
const DYNAMIC = 16;

const ET_DYN = 3;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_GNU_STACK = 0x6474e551;
const READ_WRITE = 6; // the loader relocates the dynamic section in place
const DT = { NULL: 0n, HASH: 4n, STRTAB: 5n, SYMTAB: 6n, STRSZ: 10n, SYMENT: 11n } as const;
const GLOBAL_FUNCTION = 0x12; // STB_GLOBAL << 4 | STT_FUNC
/** The symbol's value is its address, wherever the library is loaded (glibc 2.28 and newer). */
const SHN_ABS = 0xfff1;

/**
 * A shared library for Linux that has nothing in it but names for addresses.
 *
 * @param addresses By name. They are good in the process that the library is made for alone.
 * @returns The content of the file.
 * @source System V ABI, chapters 4 and 5; elf(5)
 */
export function elfLibrary(
  addresses: Readonly<Record<string, bigint>>,
  arch: typeof Deno.build.arch = Deno.build.arch,
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(addresses);
  const count = entries.length + 1; // symbol 0 is none
  const names = new TextEncoder().encode(`\0${Object.keys(addresses).join("\0")}\0`);
  const symbols = HEADER + 3 * PROGRAM_HEADER;
  const dynamic = symbols + count * SYMBOL;
  const hash = dynamic + 6 * DYNAMIC;
  const strings = hash + (3 + count) * 4;
  const file = new DataView(new ArrayBuffer(strings + names.length));
  writeHeader(file, MACHINES[arch]);
  writeProgramHeader(file, 0, PT_LOAD, 0, file.byteLength);
  writeProgramHeader(file, 1, PT_DYNAMIC, dynamic, 6 * DYNAMIC);
  writeProgramHeader(file, 2, PT_GNU_STACK, 0, 0);
  let name = 1;
  entries.forEach(([text, address], index) => {
    writeSymbol(file, symbols + (index + 1) * SYMBOL, name, address);
    name += text.length + 1;
  });
  [
    [DT.HASH, hash],
    [DT.STRTAB, strings],
    [DT.SYMTAB, symbols],
    [DT.STRSZ, names.length],
    [DT.SYMENT, SYMBOL],
    [DT.NULL, 0],
  ].forEach(([tag, value], index) => {
    file.setBigUint64(dynamic + index * DYNAMIC, BigInt(tag!), true);
    file.setBigUint64(dynamic + index * DYNAMIC + 8, BigInt(value!), true);
  });
  writeHashTable(file, hash, count);
  const bytes = new Uint8Array(file.buffer);
  bytes.set(names, strings);
  return bytes;
}

function writeHeader(file: DataView, machine: number): void {
  file.setUint32(0, 0x7f454c46); // "\x7fELF"
  file.setUint8(4, 2); // 64 bits
  file.setUint8(5, 1); // little-endian
  file.setUint8(6, 1); // version
  file.setUint16(16, ET_DYN, true);
  file.setUint16(18, machine, true);
  file.setUint32(20, 1, true);
  file.setBigUint64(32, BigInt(HEADER), true); // e_phoff
  file.setUint16(52, HEADER, true);
  file.setUint16(54, PROGRAM_HEADER, true);
  file.setUint16(56, 3, true); // e_phnum
}

function writeProgramHeader(
  file: DataView,
  index: number,
  type: number,
  offset: number,
  size: number,
): void {
  const at = HEADER + index * PROGRAM_HEADER;
  file.setUint32(at, type, true);
  file.setUint32(at + 4, READ_WRITE, true);
  for (const field of [8, 16, 24]) file.setBigUint64(at + field, BigInt(offset), true);
  for (const field of [32, 40]) file.setBigUint64(at + field, BigInt(size), true);
  file.setBigUint64(at + 48, type === PT_LOAD ? 4096n : 8n, true); // p_align
}

function writeSymbol(file: DataView, at: number, name: number, address: bigint): void {
  file.setUint32(at, name, true);
  file.setUint8(at + 4, GLOBAL_FUNCTION);
  file.setUint16(at + 6, SHN_ABS, true);
  file.setBigUint64(at + 8, address, true);
}

/** One bucket, whose chain goes through all symbols: they are looked up once. */
function writeHashTable(file: DataView, at: number, count: number): void {
  const words = [1, count, 1, 0, ...Array.from({ length: count - 1 }, (_, i) => (i + 2) % count)];
  words.forEach((word, index) => file.setUint32(at + index * 4, word, true));
}
