import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { absolutePath, checkText, CodedError, commandLine } from "../../base/mod.ts";
import { ensureToken, readToken } from "./access_token.ts";
import { type InstanceInfo, parseInstanceInfo } from "./instance_info.ts";
import { parseInstanceName } from "./instance_name.ts";
import {
  ensurePrivateDirectory,
  readPrivateFile,
  removePrivateFile,
  removeTemporaries,
  writePrivateFile,
} from "./private_files.ts";
import { StateError } from "./state_errors.ts";

/**
 * The folder of one instance: its certificate, key and tokens, which stay, and what says how to
 * reach its manager while it runs. All of it is for the owner alone. Making the object touches no
 * file.
 */
export class StateDirectory {
  readonly instance: string;
  /** Folder that holds the folders of all instances. */
  readonly base: string;
  readonly path: string;

  /**
   * @param instance Name of the instance.
   * @param base Folder for all instances; see {@linkcode stateBase}.
   * @throws {InvalidInstanceError} If the name is not safe.
   */
  constructor(instance: string, base: string = stateBase()) {
    this.instance = parseInstanceName(instance);
    checkText("Cannot keep state", "base", base);
    this.base = base;
    this.path = join(base, instance);
  }

  get certificateFile(): string {
    return join(this.path, "cert.pem");
  }

  get privateKeyFile(): string {
    return join(this.path, "key.pem");
  }

  /** Holds copies of the certificate and key that the workers present, while they run. */
  get usedPairsDirectory(): string {
    return join(this.path, "presented");
  }

  get tokenFile(): string {
    return join(this.path, "token");
  }

  /** Digests of the tokens besides the owner's, and what they allow. */
  get tokensFile(): string {
    return join(this.path, "tokens.json");
  }

  get instanceFile(): string {
    return join(this.path, "instance.json");
  }

  get lockFile(): string {
    return join(this.path, "manager.lock");
  }

  /** What a detached manager logs, and says on standard error. */
  get logFile(): string {
    return join(this.path, "manager.log");
  }

  /** Names of the shared memory in use, in case nobody gets to remove it. */
  get segmentsFile(): string {
    return join(this.path, "segments");
  }

  /** What the worker on `port` logs when no manager takes its lines. */
  workerLogFile(port: number): string {
    return join(this.path, `worker-${port}.log`);
  }

  /** Which ports the workers got, and which are reserved. */
  get portsFile(): string {
    return join(this.path, "ports.json");
  }

  /** Where the control endpoint listens, except on Windows. */
  get controlSocket(): string {
    return join(this.path, "control.sock");
  }

  /** Shared by all instances: who uses which port. */
  get portsLockFile(): string {
    return join(this.base, ".ports.lock");
  }

  /**
   * Makes the folder, or checks that it is ours alone.
   *
   * @throws {NotPrivateError} If others own it or can get at it.
   * @throws {StateError} If it cannot be made, or is something else.
   */
  async prepare(): Promise<void> {
    await ensurePrivateDirectory(this.path);
  }

  /** Removes what a crash has left; for whoever holds the lock of the instance. */
  async tidy({ workersGoOn = false } = {}): Promise<void> {
    await removeTemporaries(this.path);
    if (!workersGoOn) await this.removeInstanceInfo();
  }

  /**
   * How to reach the running manager; `undefined` if none is known. It may have died since.
   *
   * @throws {StateError} If what is there is none of a manager's.
   */
  async readInstanceInfo(): Promise<InstanceInfo | undefined> {
    const text = await readPrivateFile(this.instanceFile);
    if (text === undefined) return undefined;
    const info = parseInstanceInfo(text);
    if (info !== undefined) return info;
    throw new StateError(
      `Cannot understand "${this.instanceFile}", which is to tell how the manager is reached; ` +
        `end that, if it runs, and start it again: ${commandLine("start", this.instance)}`,
    );
  }

  async writeInstanceInfo(info: InstanceInfo): Promise<void> {
    await writePrivateFile(this.instanceFile, `${JSON.stringify(info)}\n`, { durable: false });
  }

  async removeInstanceInfo(): Promise<void> {
    await removePrivateFile(this.instanceFile);
  }

  /** The access token; `undefined` if there is none yet. @throws {StateError | NotPrivateError} */
  async readToken(): Promise<string | undefined> {
    return await readToken(this.tokenFile);
  }

  /** The access token, made if there is none yet. @throws {StateError | NotPrivateError} */
  async ensureToken(): Promise<string> {
    return await ensureToken(this.tokenFile);
  }
}

/** There is no place for the state: the user has no home directory. */
export class NoStateDirectoryError extends CodedError {
  readonly code = "no-state-directory";

  constructor() {
    super(
      "Cannot keep state: this user has no home directory; " +
        "set MSQUICD_STATE_DIR to a folder for it",
    );
  }
}

/**
 * Folder for the state of all instances: `MSQUICD_STATE_DIR`, or else `msquicd` in the system's place
 * for it: `$XDG_STATE_HOME`, `~/.local/state`, `%LOCALAPPDATA%`. Without `HOME`, the home directory
 * is the one in the system's list of users.
 *
 * @throws {NoStateDirectoryError} If there is no home directory there either.
 */
export function stateBase(): string {
  const chosen = Deno.env.get("MSQUICD_STATE_DIR");
  if (chosen) return absolutePath(chosen);
  if (Deno.build.os === "windows") {
    return join(Deno.env.get("LOCALAPPDATA") || join(home(), "AppData", "Local"), "msquicd");
  }
  const xdg = Deno.env.get("XDG_STATE_HOME");
  // The XDG Base Directory Specification wants a relative path ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(home(), ".local", "state"), "msquicd");
}

function home(): string {
  // Null for a user that the system does not know, whatever its type says.
  const path: string | null = homedir();
  if (!path) throw new NoStateDirectoryError();
  return path;
}
