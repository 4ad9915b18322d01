/** A program that was started, and all that it has started. */
export interface ProcessGroup extends Disposable {
  /** The program itself. */
  readonly child: Deno.ChildProcess;
  /**
   * Sends a signal to all of them. On Windows, where there are none, it ends them.
   *
   * @returns Resolves when those have it as well that have left the program's own process group; with SIGKILL,
   * when there are none of them any more.
   */
  signal(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Whether any of its own process group is there: those that have left it are not looked for. */
  readonly running: boolean;
}

/** How to start a program in a group of its own. */
export interface ProcessGroupOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that its environment has, but for its mark. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The value of {@linkcode GROUP_MARK} in its environment. By that those are found that have made a process
   * group or a session of their own.
   */
  readonly mark: string;
}

/** Name of the variable that marks processes as those of a group. */
export const GROUP_MARK = "MSQUICD_ACTION";
