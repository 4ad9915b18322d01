import { type FilePutRequest, parseNewFileName } from "../../protocol/mod.ts";
import type { HandlerContext } from "./handler.ts";

/**
 * Checks what a client wants to store, before anything is done; its size, if that is known.
 *
 * @throws {InvalidNameError} The name is not allowed.
 * @throws {ProtocolError} `permission-denied`: it may not use that name, or not replace files, and wants to;
 * `file-too-large`.
 */
export function checkAllowed(
  { name, size = 0, overwrite }: Pick<FilePutRequest, "name" | "overwrite"> & { size?: number },
  { session: { identity }, files: { check } }: Pick<HandlerContext, "session" | "files">,
): void {
  parseNewFileName(name);
  check.checkName(name);
  check.checkSize(size);
  identity.checkName(name);
  // Asked for, and not only where there is a file: that may change until this one is stored.
  if ((overwrite ?? "never") !== "never") identity.check("delete", "replacing files");
}
