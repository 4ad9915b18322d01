import { Descriptor } from "../../ffi/files/descriptor_linux.ts";
import type { Held } from "./held.ts";
import { PathHold } from "./path_hold.ts";

/** Holds a directory. @throws An error with the operating system's code. */
export function holdDirectory(path: string): Held {
  return Deno.build.os === "linux" ? Descriptor.openDirectory(path) : PathHold.directory(path);
}
