import { copyFile, open, rename, rm } from "node:fs/promises";

const LIBRARY_MAGICS: readonly string[] = [
  "7f454c46", // ELF
  "4d5a", // PE: a Windows DLL
  "cffaedfe", // Mach-O, 64 bits
];

/** Whether the file begins as a shared library of some system does. */
export async function isSharedLibrary(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toHex();
    return LIBRARY_MAGICS.some((known) => magic.startsWith(known));
  } finally {
    await file.close();
  }
}

/** Copies a file so that whoever looks at `to` sees the old one or the new one, whole. */
export async function replaceFile(from: string, to: string): Promise<void> {
  const temporary = `${to}.${Deno.pid}.tmp`;
  try {
    await copyFile(from, temporary);
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
}
