import { HOOK_NAMES, LONGEST_HOOK_MS } from "../../base/hook_settings.ts";
import { InvalidDefinitionError, type OverwritePolicy } from "../../protocol/mod.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { HandlerContext, HandlerLogger } from "./handler.ts";

/** A file that a client begins to store, before a byte of it is read. */
export interface StartedUpload {
  /** What it is to be called. */
  readonly name: string;
  /** In bytes; `undefined` of what comes through a pipe. */
  readonly size: number | undefined;
  /** What is to become of a file that has the name. */
  readonly overwrite: OverwritePolicy;
}

/** A file of which all bytes are there and verified, and which nobody sees yet. */
export interface CompletedUpload {
  /** What it is to be called. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Of its bytes, as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /**
   * Absolute path of the file that has its bytes meanwhile, to be read and not changed; `undefined` where they
   * are not on a disk of this machine.
   */
  readonly path: string | undefined;
  /** What is to become of a file that has the name. */
  readonly overwrite: OverwritePolicy;
}

/** A stored file that a client wants removed. */
export interface DoomedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** When it was modified last, in milliseconds since 1970-01-01 UTC. */
  readonly mtime: number;
  /** Its absolute path. */
  readonly path: string;
}

/** What a hook may use. */
export interface HookContext extends Pick<HandlerContext, "session"> {
  /** Aborts when nobody waits for the hook any more: its time is over, or the client or the worker has gone. */
  readonly signal: AbortSignal;
  /** Writes to the worker's log, under the category `msquicd`, `hooks`, and the name of the hooks. */
  readonly logger: HandlerLogger;
  /** Has done by another thread what would hold up all requests. */
  readonly tasks: Tasks;
}

/** Another name that a file is to get. */
export interface Renamed {
  readonly name: string;
}

/**
 * What is asked before files are stored and removed, in whichever way clients do that. What a hook throws that
 * is a `ProtocolError` refuses it, with its code and message: `new ProtocolError("refused", "No music here")`.
 * Anything else that it throws, and being late, fails it as well (`hook-failed`), and is written to the log.
 */
export interface FileHooks {
  /** For people and logs. */
  readonly name: string;
  /** How long each may take, in milliseconds; what the server says by default. */
  readonly deadlineMs?: number;
  /**
   * A file is about to be received. It is asked again when that goes on after an interruption, but for one that
   * it has given another name: that stays.
   *
   * @returns Another name, if it is to get one, which is checked as if the client had said it.
   */
  onUploadStart?(
    upload: StartedUpload,
    context: HookContext,
  ): Renamed | void | Promise<Renamed | void>;
  /**
   * All of a file has come, and it is about to get its name. Where that fails, it may be asked again for the same
   * file.
   */
  onUploadComplete?(upload: CompletedUpload, context: HookContext): void | Promise<void>;
  /** A file is about to be removed; not one that is replaced or moved. */
  onDelete?(file: DoomedFile, context: HookContext): void | Promise<void>;
}

/** Hooks as a server takes them. */
export interface DefinedHooks extends FileHooks {
  readonly isHooks: true;
  /** Where they were defined, as V8 tells it. */
  readonly definedAt: string;
  /** The module that was loaded for them. */
  readonly module?: string;
  /** The action that is run in their place. */
  readonly action?: string;
}

/** What there may be in them. */
const KEYS = ["name", "deadlineMs", ...HOOK_NAMES];

/**
 * Defines what is asked before files are stored and removed.
 *
 * @throws {InvalidDefinitionError} There is something in it that is not to be there, or nothing.
 *
 * @example Put uploads into a folder for each day, and refuse one kind
 * ```ts
 * import { defineHooks, ProtocolError } from "../../mod.ts";
 *
 * export const dated = defineHooks({
 *   name: "example.dated",
 *   onUploadStart({ name }) {
 *     if (name.endsWith(".exe")) throw new ProtocolError("refused", "No programs, please");
 *     return { name: `${new Date().toISOString().slice(0, 10)}/${name}` };
 *   },
 * });
 * ```
 */
export function defineHooks(hooks: FileHooks): DefinedHooks {
  const { name, deadlineMs } = Object(hooks) as Partial<FileHooks>;
  if (typeof name !== "string" || name === "") {
    throw new InvalidDefinitionError("Cannot define hooks: they have no name");
  }
  const strange = Object.keys(hooks).find((key) => !KEYS.includes(key));
  if (strange !== undefined) {
    throw new InvalidDefinitionError(
      `Cannot define hooks "${name}": there is no ${strange}, but ${KEYS.join(", ")}`,
    );
  }
  const wrong = HOOK_NAMES.find((key) => !["function", "undefined"].includes(typeof hooks[key]));
  if (wrong !== undefined) {
    throw new InvalidDefinitionError(`Cannot define hooks "${name}": ${wrong} is no function`);
  }
  if (HOOK_NAMES.every((key) => hooks[key] === undefined)) {
    throw new InvalidDefinitionError(
      `Cannot define hooks "${name}": give ${HOOK_NAMES.join(", ")}`,
    );
  }
  const isTime = Number.isInteger(deadlineMs) && Number(deadlineMs) > 0 &&
    Number(deadlineMs) <= LONGEST_HOOK_MS;
  if (deadlineMs !== undefined && !isTime) {
    throw new InvalidDefinitionError(
      `Cannot define hooks "${name}": deadlineMs must be a whole number from 1 to ${LONGEST_HOOK_MS}`,
    );
  }
  return { ...hooks, isHooks: true, definedAt: new Error().stack ?? "" };
}

/** Who wants a file stored or removed. */
export type HookClient = Pick<HandlerContext, "session" | "signal">;

/** The request that it is for. */
export type HookedClient =
  & HookClient
  & Pick<HandlerContext, "storage" | "auditChange">;

/** Asks all hooks of a server, one after the other; what none of them looks at, is not there. */
export interface StorageHooks {
  /** @returns What the file is to be called then. @throws {ProtocolError} It is refused. */
  readonly onUploadStart?: (upload: StartedUpload, client: HookClient) => Promise<string>;
  /** @throws {ProtocolError} It is refused. */
  readonly onUploadComplete?: (upload: CompletedUpload, client: HookClient) => Promise<void>;
  /** @throws {ProtocolError} It is refused. */
  readonly onDelete?: (file: DoomedFile, client: HookClient) => Promise<void>;
}
