import { CodedError, commandLine, delay } from "../../base/mod.ts";
import { FileLock } from "../../ffi/file_lock/file_lock.ts";
import { FileLockError } from "../../ffi/file_lock/file_lock_error.ts";
import { checkPrivateIfThere } from "./private_checks.ts";
import { overwritePrivateFile } from "./private_files.ts";
import { refusedBySystem } from "./state_errors.ts";
import type { StateDirectory } from "./state_directory.ts";

/** Another manager runs this instance already. */
export class InstanceRunningError extends CodedError {
  readonly code = "instance-running";
  readonly instance: string;
  /** Its process id, where it is known. */
  readonly pid: number | undefined;

  constructor(instance: string, pid: number | undefined) {
    const who = pid === undefined ? "another manager" : `a manager with pid ${pid}`;
    super(
      `Cannot start instance "${instance}": ${who} runs it already; ` +
        `stop it with: ${
          commandLine("shutdown", instance)
        }, or choose another name with --instance`,
    );
    this.instance = instance;
    this.pid = pid;
  }
}

/** Far past the end of the file: on Windows a locked byte cannot be read, and the pid must be. */
const LOCK_OFFSET = 2 ** 40;

/** The system takes a moment to clean up after a process that was killed. */
const PATIENCE_MS = 300;
const POLL_MS = 20;

/**
 * Makes sure that there is one manager per instance: held from before its first step until after its
 * last, and let go by the system however the process ends.
 */
export class InstanceLock implements Disposable {
  readonly #lock: FileLock;

  private constructor(lock: FileLock) {
    this.#lock = lock;
  }

  /**
   * @throws {InstanceRunningError} If another manager holds it.
   * @throws {StateError | NotPrivateError} If its file is none, or not ours alone.
   */
  static async acquire(state: StateDirectory): Promise<InstanceLock> {
    await checkPrivateIfThere(state.lockFile);
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      using undo = new DisposableStack();
      const lock = tryLock(state.lockFile);
      if (lock) {
        undo.use(lock);
        await overwritePrivateFile(state.lockFile, `${Deno.pid}\n`);
        undo.move();
        return new InstanceLock(lock);
      }
      if (performance.now() > deadline) {
        throw new InstanceRunningError(state.instance, readPid(state.lockFile));
      }
      await delay(POLL_MS);
    }
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

function tryLock(path: string): FileLock | undefined {
  try {
    return FileLock.tryAcquire(path, LOCK_OFFSET);
  } catch (error) {
    if (!(error instanceof FileLockError)) throw error;
    const advice = "choose a place that you can write to with MSQUICD_STATE_DIR";
    throw refusedBySystem(`lock "${path}"`, error.reason, advice);
  }
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(Deno.readTextFileSync(path), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}
