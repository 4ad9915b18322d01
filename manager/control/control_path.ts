import { randomBytes } from "node:crypto";
import { CodedError } from "../../base/mod.ts";
import type { StateDirectory } from "../state/state_directory.ts";

/** The system takes no longer path for a Unix socket: `sun_path` has 108 bytes, with the NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

/** The state directory lies too deep for a socket in it. */
export class SocketPathTooLongError extends CodedError {
  readonly code = "invalid-option";

  constructor(path: string) {
    super(
      `Cannot make control socket "${path}": the path is longer than ` +
        `${MAX_SOCKET_PATH_BYTES} bytes; choose a shorter place with MSQUICD_STATE_DIR`,
    );
  }
}

/**
 * Where a new control endpoint is to listen: a Unix socket in the state directory, or on Windows,
 * where pipes are visible to all users, a named pipe whose name nobody can guess.
 *
 * @throws {SocketPathTooLongError} If the system cannot have a socket there.
 */
export function chooseControlPath(state: StateDirectory): string {
  if (Deno.build.os === "windows") {
    return `\\\\.\\pipe\\msquicd-${state.instance}-${randomBytes(16).toString("hex")}`;
  }
  const path = state.controlSocket;
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH_BYTES) {
    throw new SocketPathTooLongError(path);
  }
  return path;
}
