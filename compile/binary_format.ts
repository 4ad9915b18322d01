import type { TargetName } from "./targets.ts";

/** Where and how a 64-bit ELF file names its processor (the System V ABI's `e_machine`). */
const ELF = { magic: "7f454c46", machineAt: 18, x64: 62 } as const;
/** The same for a PE file; its header's place is at `headerAt` (the PE Format's `Machine`). */
const PE = { magic: "4d5a", headerAt: 60, signatureSize: 4, x64: 0x8664 } as const;

/** The system that an executable or a shared library for x64 is made for; `undefined` for any other. */
export function systemOfBinary(bytes: Uint8Array): TargetName | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, ELF.magic)) {
    return u16(view, ELF.machineAt) === ELF.x64 ? "linux" : undefined;
  }
  if (!startsWith(bytes, PE.magic) || view.byteLength < PE.headerAt + 4) return undefined;
  const header = view.getUint32(PE.headerAt, true);
  return u16(view, header + PE.signatureSize) === PE.x64 ? "windows" : undefined;
}

function startsWith(bytes: Uint8Array, hex: string): boolean {
  return bytes.subarray(0, hex.length / 2).toHex() === hex;
}

function u16(view: DataView, offset: number): number | undefined {
  return offset + 2 <= view.byteLength ? view.getUint16(offset, true) : undefined;
}
