import { basename, dirname, resolve } from "node:path";
import { checkOptions, checkWord, type OptionNames, removeIfThere } from "../base/mod.ts";
import {
  type FileGetRequest,
  type FileInfo,
  Flags,
  type Message,
  messages,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  parseFileName,
  ProtocolError,
  RemoteError,
} from "../protocol/mod.ts";
import {
  checkTarget,
  fileError,
  FileFailedError,
  FileNotFoundError,
  FilePermissionError,
  hashPrefix,
  makeDirectories,
  NoSpaceError,
  receiveFile,
  removeEmptyDirectories,
  SizeChangedError,
} from "../transfer/mod.ts";
import { exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { findLeftover, type Leftover, PartialFile } from "./partial_file.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { isHashed, type Verification, VERIFICATIONS, verifiedAs } from "./verification.ts";
import { type Moved, type TransferResult, transferResult } from "./transfer_result.ts";

/** What `get` takes. */
export interface GetOptions extends RequestOptions {
  /** What becomes of a file that is at the destination already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been received so far, of how many. */
  onProgress?: (bytes: number, total: number) => void;
  /**
   * Whether what was received of a file stays beside the destination when it is interrupted, and is gone
   * on with by a later call; not by default.
   */
  resume?: boolean;
  /** With `resume`: is told what stays of the file when an attempt fails, which is gone on with later. */
  onKept?: (kept: KeptPart) => void;
  /** What is compared when the file has been received; its SHA-256 by default. */
  verify?: Verification;
}

/** What is kept of a file that was not fetched as a whole. */
export interface KeptPart {
  /** Absolute path of the hidden file that has it. */
  path: string;
  bytes: number;
}

const OPTION_NAMES: OptionNames<GetOptions> = {
  overwrite: true,
  onKept: true,
  onProgress: true,
  resume: true,
  signal: true,
  verify: true,
};

/** How a `get` went. */
export interface GetResult extends TransferResult {
  /** Absolute path of the file that was written. */
  path: string;
}

/** Fetches a file; see `Client.get`. */
export async function get(
  opener: StreamOpener,
  name: string,
  destination: string | undefined,
  options: GetOptions,
): Promise<Moved & { path: string }> {
  checkOptions("Cannot fetch a file", options, OPTION_NAMES);
  checkWord("Cannot fetch a file", "overwrite", options.overwrite, OVERWRITE_POLICIES);
  checkWord("Cannot fetch a file", "verify", options.verify, VERIFICATIONS);
  parseFileName(name);
  const path = resolve(destination ?? basename(name));
  // What the server has may be newer than anything: that is seen when its answer is there.
  await checkTarget(path, options.overwrite ?? "never", Infinity);
  const leftover = options.resume ? await findLeftover(path) : undefined;
  if (leftover === undefined) return await fetch(opener, name, path, options);
  try {
    return await fetch(opener, name, path, options, leftover);
  } catch (error) {
    if (isOutdated(error)) await removeIfThere(leftover.path);
    // Where another call goes on with it, there is less here than was found.
    else if (!(error instanceof SizeChangedError)) throw error;
  }
  return await fetch(opener, name, path, options);
}

/** Whether an error says that what is here is not of the file that is on the server. */
function isOutdated(error: unknown): boolean {
  if (error instanceof RemoteError) return error.code === "cannot-resume";
  return error instanceof ProtocolError && error.code === "hash-mismatch";
}

/** @param leftover What is there already. */
async function fetch(
  opener: StreamOpener,
  name: string,
  path: string,
  options: GetOptions,
  leftover?: Leftover,
): Promise<Moved & { path: string }> {
  const { overwrite = "never", signal, onProgress, onKept, resume = false, verify } = options;
  const offset = leftover?.length ?? 0;
  const body: FileGetRequest = { name };
  if (leftover !== undefined) Object.assign(body, { offset, ...leftover.version });
  const begun = performance.now();
  const meter = new TransferMeter(opener);
  const outgoing = { message: messages.fileGet, body };
  const fetching = exchange(opener, outgoing, options, async (request) => {
    const info = parseAnswer(await request.answer, name);
    const { size, mtime, mode } = info;
    await checkTarget(path, overwrite, mtime);
    await using cleanup = new AsyncDisposableStack();
    const partial = await openPartial(path, info, resume, cleanup);
    const { staged } = partial;
    const signalOptions = signal === undefined ? {} : { signal };
    try {
      const start = isHashed(verify)
        ? await hashPrefix(staged.file, offset, signalOptions)
        : await skipPrefix(staged.file, offset);
      await staged.file.truncate(offset);
      const sha256 = await receiveFile(request.reader, staged.file, size, {
        ...signalOptions,
        start,
        trailer: isHashed(verify) ? "compared" : "believed",
        times: meter.times,
        action: `Cannot write "${path}"`,
        onProgress: (bytes) => {
          opener.advance?.();
          onProgress?.(bytes, size);
        },
      });
      signal?.throwIfAborted();
      const facts = mode === undefined ? { mtime } : { mtime, mode };
      await staged.publish(path, { overwrite, ...facts });
      return {
        path,
        ...transferResult(name, size, sha256, performance.now() - begun, meter, offset),
        ...verifiedAs(verify),
      };
    } catch (error) {
      const bytes = await partial.leave(error);
      if (bytes > 0) onKept?.({ path: staged.path, bytes });
      throw error;
    }
  });
  return await naming(path, fetching);
}

/** Positions a file behind what is there of it. @throws {SizeChangedError} It is less by now. */
async function skipPrefix(file: Deno.FsFile, offset: number): Promise<{ offset: number }> {
  const { size } = await file.stat();
  if (size < offset) {
    throw new SizeChangedError(`File has ${size} bytes, where ${offset} should be`);
  }
  return { offset: await file.seek(offset, Deno.SeekMode.Start) };
}

/** Says of what the system refuses which file it was for. */
async function naming<Result>(path: string, action: Promise<Result>): Promise<Result> {
  try {
    return await action;
  } catch (error) {
    // Of the hidden files that have it meanwhile, nobody need know.
    const cause = isSystemError(error) ? error.cause ?? error : error;
    throw fileError(cause, `Cannot write "${path}"`);
  }
}

/** Whether an error only says in other words what the system said. */
function isSystemError(error: unknown): error is Error {
  return error instanceof FilePermissionError || error instanceof FileNotFoundError ||
    error instanceof FileFailedError || error instanceof NoSpaceError;
}

/**
 * Opens what the file is written to, in a directory that is made if it is missing.
 *
 * @param cleanup Closes it, and removes the directories if nothing comes of it.
 */
async function openPartial(
  path: string,
  info: FileInfo,
  resume: boolean,
  cleanup: AsyncDisposableStack,
): Promise<PartialFile> {
  try {
    return cleanup.use(await PartialFile.open(path, info, resume));
  } catch (error) {
    if (!(error instanceof FileNotFoundError)) throw error;
  }
  const made = await makeDirectories(dirname(path));
  cleanup.defer(() => removeEmptyDirectories(made.reverse()));
  return cleanup.use(await PartialFile.open(path, info, resume));
}

function parseAnswer({ flags, body }: Message, name: string): FileInfo {
  const info = messages.fileGet.parseResponse(body);
  if (info.name === name && (flags & Flags.data) !== 0) return info;
  throw new ProtocolError("bad-body", `Server answered with something other than "${name}"`);
}
