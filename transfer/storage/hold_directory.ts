import { Descriptor } from "../../ffi/files/descriptor_linux.ts";
import type { Held } from "./held.ts";

const paths = Deno.build.os === "linux" ? undefined : await import("./path_hold.ts");

/** Holds a directory. @throws An error with the operating system's code. */
export function holdDirectory(path: string): Held {
  return paths === undefined ? Descriptor.openDirectory(path) : paths.PathHold.directory(path);
}
