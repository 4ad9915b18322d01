import { CompileError } from "../compile_error.ts";

/** Offsets and sizes of the PE Format, for 64 bits (PE32+). */
const PE = {
  headerAt: 60,
  sectionCount: 6,
  optionalHeaderSize: 20,
  optionalHeader: 24,
  sectionAlignment: 24 + 32,
  fileAlignment: 24 + 36,
  imageSize: 24 + 56,
  headersSize: 24 + 60,
  resourceDirectory: 24 + 112 + 2 * 8,
} as const;

const SECTION = {
  size: 40,
  virtualSize: 8,
  address: 12,
  rawSize: 16,
  rawAt: 20,
  flags: 36,
} as const;
const INITIALIZED_DATA_TO_READ = 0x4000_0040;

interface Section {
  readonly virtualSize: number;
  readonly address: number;
  readonly rawSize: number;
  readonly rawAt: number;
}

/** A Windows executable. Addresses are relative to where it is loaded. */
export class PortableExecutable {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #header: number;
  readonly #sectionTable: number;

  /** @throws {CompileError} If it is none. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#header = this.#view.getUint32(PE.headerAt, true);
    if (this.#view.getUint32(this.#header, true) !== 0x4550) {
      throw new CompileError("Cannot add resources: this is no Windows executable");
    }
    this.#sectionTable = this.#header + PE.optionalHeader +
      this.#view.getUint16(this.#header + PE.optionalHeaderSize, true);
  }

  /** Where the resources begin; 0 if there are none. */
  get resources(): number {
    return this.#view.getUint32(this.#header + PE.resourceDirectory, true);
  }

  /** What is loaded at `address`, to the end of its section. */
  at(address: number): Uint8Array {
    const section = this.#sections().find((section) =>
      address >= section.address && address < section.address + section.rawSize
    );
    if (section === undefined) throw new CompileError(`Cannot read address ${address}`);
    const start = section.rawAt + address - section.address;
    return this.#bytes.subarray(start, section.rawAt + section.rawSize);
  }

  /** Where the next section would be loaded. */
  get nextAddress(): number {
    const ends = this.#sections().map((section) =>
      section.address + Math.max(section.virtualSize, section.rawSize)
    );
    return alignUp(Math.max(...ends), this.#alignment(PE.sectionAlignment));
  }

  /**
   * The same executable with one more section, at {@linkcode nextAddress}, which holds the resources.
   *
   * @throws {CompileError} If its headers have no room for it.
   */
  withResources(content: Uint8Array): Uint8Array {
    const address = this.nextAddress;
    const rawAt = alignUp(this.#bytes.length, this.#alignment(PE.fileAlignment));
    const rawSize = alignUp(content.length, this.#alignment(PE.fileAlignment));
    const count = this.#sections().length;
    const entry = this.#sectionTable + count * SECTION.size;
    if (entry + SECTION.size > this.#view.getUint32(this.#header + PE.headersSize, true)) {
      throw new CompileError("Cannot add resources: the headers have no room for another section");
    }
    const grown = new Uint8Array(rawAt + rawSize);
    grown.set(this.#bytes);
    grown.set(content, rawAt);
    grown.set(new TextEncoder().encode(".rsrc"), entry);
    const view = new DataView(grown.buffer);
    view.setUint32(entry + SECTION.virtualSize, content.length, true);
    view.setUint32(entry + SECTION.address, address, true);
    view.setUint32(entry + SECTION.rawSize, rawSize, true);
    view.setUint32(entry + SECTION.rawAt, rawAt, true);
    view.setUint32(entry + SECTION.flags, INITIALIZED_DATA_TO_READ, true);
    view.setUint16(this.#header + PE.sectionCount, count + 1, true);
    const end = alignUp(address + content.length, this.#alignment(PE.sectionAlignment));
    view.setUint32(this.#header + PE.imageSize, end, true);
    view.setUint32(this.#header + PE.resourceDirectory, address, true);
    view.setUint32(this.#header + PE.resourceDirectory + 4, content.length, true);
    return grown;
  }

  #alignment(field: number): number {
    return this.#view.getUint32(this.#header + field, true);
  }

  #sections(): Section[] {
    const count = this.#view.getUint16(this.#header + PE.sectionCount, true);
    return Array.from({ length: count }, (_, index) => {
      const entry = this.#sectionTable + index * SECTION.size;
      return {
        virtualSize: this.#view.getUint32(entry + SECTION.virtualSize, true),
        address: this.#view.getUint32(entry + SECTION.address, true),
        rawSize: this.#view.getUint32(entry + SECTION.rawSize, true),
        rawAt: this.#view.getUint32(entry + SECTION.rawAt, true),
      };
    });
  }
}

/** The next multiple of `alignment`. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
