import { getLogger } from "@logtape/logtape";
import { CodedError, leaveRemovedDirectory } from "../../base/mod.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A program of ours cannot be started. */
export class ProgramError extends CodedError {
  readonly code = "cannot-run";
}

/** Why, by the system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it is not there any more; put it back",
  ENOTDIR: "it is not there any more; put it back",
  EACCES: "it may not be executed; see its permissions",
  EPERM: "it may not be executed; see its permissions",
  ENOEXEC: "it is no program for this system; put back one that is",
  ETXTBSY: "it is being written at the moment",
  EAGAIN: "the system allows no more processes; end some, or raise the limit",
  ENOMEM: "there is not enough memory",
  EMFILE: "this process has too many open files; raise the limit",
  ENFILE: "the system has too many open files",
};

/**
 * Starts a program.
 *
 * @throws {ProgramError} If the system does not start it; says why, and what to do.
 */
export function runProgram(path: string, options: Deno.CommandOptions): Deno.ChildProcess {
  leaveRemovedDirectory((root) =>
    logger.warning("The directory that this was started in is gone; it goes on in {root}", { root })
  );
  try {
    return new Deno.Command(path, options).spawn();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
    throw new ProgramError(`Cannot run "${path}": ${reason}`, { cause: error });
  }
}
