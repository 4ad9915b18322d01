import { getSystemErrorName } from "node:util";

/** Those that the runtime has no names for, of errno.h; the same for x86-64 and ARM64. */
const MORE: Readonly<Record<number, string>> = {
  35: "EDEADLK",
  37: "ENOLCK",
  61: "ENODATA",
  75: "EOVERFLOW",
  116: "ESTALE",
  122: "EDQUOT",
};

/** The name of an error of the system's, such as `ENOENT`, by its number from 1 up. */
export function systemErrorName(code: number): string {
  return MORE[code] ?? getSystemErrorName(-code) ?? `E${code}`;
}
