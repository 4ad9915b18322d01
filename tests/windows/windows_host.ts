import { join, resolve } from "node:path";
import { names, waitFor } from "../e2e/harness.ts";

/** What runs Windows programs here: this very system, or something like Wine. */
export interface WindowsHost {
  /** For people. */
  readonly description: string;
  /** Whether this system is Windows itself. */
  readonly native: boolean;
  /** What its programs find in their environment. */
  readonly env: Record<string, string>;
  commandLine(program: string, args: readonly string[]): [program: string, ...args: string[]];
  /** How Windows programs write a path of this system. */
  windowsPath(path: string): string;
  /** How this system writes a path of Windows programs. */
  hostPath(path: string): string;
  /** Path of a program in Windows' own folder, such as `tasklist.exe`. */
  systemProgram(name: string): string;
}

const DRAW_NOTHING = "add HKCU\\Software\\Wine\\Drivers /v Graphics /d null /f".split(" ");

/**
 * Keeps Wine's helpers alive until it is disposed of. They end when no program runs, and start again with
 * the next one, whose pipes they then keep open: its end would never be seen.
 *
 * @param directory The working directory of all programs: it sees no other.
 * @param program Some program, to have the drive C: made by.
 */
export async function openSession(
  host: WindowsHost,
  directory: string,
  program: string,
): Promise<AsyncDisposable> {
  if (host.native) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const options = { env: host.env, cwd: directory, stdout: "null", stderr: "null" } as const;
  const [runner, ...first] = host.commandLine(program, ["--version"]);
  await new Deno.Command(runner, { ...options, args: first }).output();
  // Where there is no screen, windows are made nevertheless; helpers that run have decided already.
  const [, ...invisible] = host.commandLine(host.systemProgram("reg.exe"), DRAW_NOTHING);
  await new Deno.Command(runner, { ...options, args: invisible }).output();
  await waitFor("Wine's helpers have ended", () => !isUsed(directory));
  const [, ...idle] = host.commandLine(host.systemProgram("cmd.exe"), []);
  const child = new Deno.Command(runner, { ...options, args: idle, stdin: "piped" }).spawn();
  // Whatever starts the helpers now has no pipes of ours that they could keep.
  await new Deno.Command(runner, { ...options, args: first }).output();
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await child.status;
      // They write to the drive C: once more before they end.
      await waitFor("Wine's helpers have ended", () => !isUsed(directory));
    },
  };
}

/** Whether a process has a directory in its environment, as Wine's have their drive C:. */
function isUsed(directory: string): boolean {
  return names("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && Deno.readTextFileSync(`/proc/${pid}/environ`).includes(directory);
    } catch {
      return false; // another user's, or gone
    }
  });
}

/** Neither is this Windows, nor does anything here run its programs. */
export class NoWindowsError extends Error {
  override readonly name = "NoWindowsError";
  readonly code = "no-windows";
}

/** Names the program that runs Windows programs; the working directory must be visible to them as Z:. */
const RUNNER = "MSQUICD_RUN_EXE";

/**
 * Finds out how to run Windows programs.
 *
 * @param directory Where a Windows of its own may be kept, if one is needed.
 * @throws {NoWindowsError} If there is no way.
 */
export function findWindowsHost(directory: string): WindowsHost {
  if (Deno.build.os === "windows") return nativeHost();
  const runner = Deno.env.get(RUNNER);
  if (runner) return wineHost(resolve(runner), join(directory, "wine"));
  throw new NoWindowsError(
    `Cannot test msquicd on Windows: this is ${Deno.build.os}; run it on Windows, or set ${RUNNER} to ` +
      `a program that runs Windows programs, such as wine (10 or newer)`,
  );
}

function nativeHost(): WindowsHost {
  const system = join(Deno.env.get("SystemRoot") ?? "C:\\Windows", "System32");
  return {
    description: `Windows ${Deno.osRelease()}`,
    native: true,
    env: {},
    commandLine: (program, args) => [program, ...args],
    windowsPath: (path) => path,
    hostPath: (path) => path,
    systemProgram: (name) => join(system, name),
  };
}

/** Wine, with a prefix (the drive C: and the registry) of its own. */
function wineHost(runner: string, prefix: string): WindowsHost {
  return {
    description: runner,
    native: false,
    env: { WINEPREFIX: prefix, WINEDEBUG: "-all" },
    commandLine: (program, args) => [runner, program, ...args],
    windowsPath: (path) => `Z:${path.replaceAll("/", "\\")}`,
    hostPath: (path) => {
      const rest = path.slice(2).replaceAll("\\", "/");
      return /^c:/i.test(path) ? join(prefix, "drive_c", rest) : rest;
    },
    systemProgram: (name) => join(prefix, "drive_c", "windows", "system32", name),
  };
}
