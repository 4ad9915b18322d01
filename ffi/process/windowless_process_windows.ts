import { quoteArguments } from "./command_line_windows.ts";
import { closeHandle, inheritNothingBut, openForChild } from "./inherited_handles_windows.ts";
import { ERROR_ACCESS_DENIED, kernel32, WAIT_TIMEOUT, wideString } from "../libraries/kernel32.ts";
import { PROCESS_INFORMATION, STARTUPINFOEX } from "./process_structs_windows.ts";

/** What to start, and where what it says goes. */
export interface WindowlessOptions {
  /** Path of the program. */
  readonly path: string;
  readonly args: readonly string[];
  /** File that its standard error is appended to; made if there is none. */
  readonly logFile: string;
}

/** A process that lives on when the one that has started it is gone. */
export interface WindowlessProcess {
  readonly pid: number;
  /** `undefined` while it runs. */
  readonly exitCode: number | undefined;
  /** Ends it, whatever it is doing. */
  terminate(): void;
}

// Values of winbase.h.
const STARTF_USESTDHANDLES = 0x100;
const CREATE_NO_WINDOW = 0x0800_0000;
const CREATE_NEW_PROCESS_GROUP = 0x200;
const CREATE_BREAKAWAY_FROM_JOB = 0x0100_0000;
const EXTENDED_STARTUPINFO_PRESENT = 0x8_0000;
const FLAGS = CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP | EXTENDED_STARTUPINFO_PRESENT;

/** Exit code of what is terminated; what Deno's `kill` gives as well. */
const TERMINATED = 1;

/**
 * Starts a program, on Windows alone, with a console that has no window and that its own children share:
 * without a console, each of them would open a window.
 *
 * Of our handles it gets its log file's and no others: who reads what we print would wait for the end of
 * a pipe that it kept open.
 *
 * @throws {Error} If Windows does not let us; says what it was and gives Windows' error number.
 */
export function startWindowless({ path, args, logFile }: WindowlessOptions): WindowlessProcess {
  using nothing = openForChild("NUL");
  using log = openForChild(logFile, { append: true });
  using attributes = inheritNothingBut([nothing.address, log.address]);
  const startup = new DataView(new ArrayBuffer(STARTUPINFOEX.size));
  startup.setUint32(STARTUPINFOEX.cb, STARTUPINFOEX.size, true);
  startup.setUint32(STARTUPINFOEX.dwFlags, STARTF_USESTDHANDLES, true);
  startup.setBigUint64(STARTUPINFOEX.hStdInput, nothing.address, true);
  startup.setBigUint64(STARTUPINFOEX.hStdOutput, nothing.address, true);
  startup.setBigUint64(STARTUPINFOEX.hStdError, log.address, true);
  startup.setBigUint64(STARTUPINFOEX.lpAttributeList, attributes.address, true);
  const commandLine = quoteArguments([path, ...args]);
  // Out of the job of a terminal or a service that ends all that is in it, where that is allowed.
  return create(path, commandLine, startup, FLAGS | CREATE_BREAKAWAY_FROM_JOB) ??
    create(path, commandLine, startup, FLAGS) ??
    refused(path, ERROR_ACCESS_DENIED);
}

/** @returns `undefined` if it is not allowed. */
function create(
  path: string,
  commandLine: string,
  startup: DataView<ArrayBuffer>,
  flags: number,
): WindowlessProcess | undefined {
  const information = new DataView(new ArrayBuffer(PROCESS_INFORMATION.size));
  const created = kernel32.CreateProcessW(
    wideString(path),
    wideString(commandLine),
    null,
    null,
    1,
    flags,
    null,
    null,
    new Uint8Array(startup.buffer),
    new Uint8Array(information.buffer),
  );
  if (created !== 0) return adopt(information);
  const code = kernel32.GetLastError();
  return code === ERROR_ACCESS_DENIED ? undefined : refused(path, code);
}

// The process's handle stays open as long as this process runs, and so its id stays its own.
function adopt(information: DataView): WindowlessProcess {
  closeHandle(information.getBigUint64(PROCESS_INFORMATION.hThread, true));
  const address = information.getBigUint64(PROCESS_INFORMATION.hProcess, true);
  const handle = Deno.UnsafePointer.create(address);
  return {
    pid: information.getUint32(PROCESS_INFORMATION.dwProcessId, true),
    get exitCode() {
      return exitCodeOf(handle);
    },
    terminate() {
      kernel32.TerminateProcess(handle, TERMINATED);
    },
  };
}

function exitCodeOf(handle: Deno.PointerValue): number | undefined {
  if (kernel32.WaitForSingleObject(handle, 0) === WAIT_TIMEOUT) return undefined;
  const code = new Uint32Array(1);
  kernel32.GetExitCodeProcess(handle, code);
  return code[0];
}

function refused(path: string, code: number): never {
  throw new Error(`Cannot start ${path}: Windows error ${code}`);
}
