import { basename, dirname, resolve } from "node:path";
import { checkOptions, checkWord, removeIfThere } from "../base/mod.ts";
import {
  type FileGetRequest,
  type FileGetResponse,
  type FileInfo,
  Flags,
  type Message,
  messages,
  OVERWRITE_POLICIES,
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
  hasChunks,
  hashPrefix,
  makeDirectories,
  NoSpaceError,
  receiveFile,
  removeEmptyDirectories,
  SizeChangedError,
} from "../transfer/mod.ts";
import { incomingBytes, wantedBytes } from "./compression.ts";
import { exchange, type StreamOpener } from "./exchange.ts";
import { GET_OPTION_NAMES, type GetOptions } from "./get_options.ts";
import { getStriped, type StripedFile } from "./get_striped.ts";
import { sayingGivenUp } from "./given_up.ts";
import { findLeftover, type Leftover, PartialFile } from "./partial_file.ts";
import { checkStreams, streamsFor, type StripeServices, WholeOnly } from "./stripes.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { isHashed, VERIFICATIONS, verifiedAs } from "./verification.ts";
import { type Moved, transferResult } from "./transfer_result.ts";

/** How often a file may turn out to be another one by now, before or while its chunks come. */
const MAX_CHANGES = 3;

/** Is thrown, and is no error: a file is not fetched as a whole, but in chunks. */
class InChunks {
  readonly file: StripedFile;

  constructor(file: StripedFile) {
    this.file = file;
  }
}

/** Fetches a file, on several connections if that is wanted; see `Client.get`. */
export async function getWhole(
  services: StripeServices,
  name: string,
  destination: string | undefined,
  options: GetOptions,
): Promise<Moved & { path: string }> {
  checkStreams("Cannot fetch a file", options.streams);
  let striped = true;
  for (let changes = 0;;) {
    let file: StripedFile;
    try {
      return await services.run((use) => get(use, name, destination, options, striped));
    } catch (error) {
      if (!(error instanceof InChunks)) throw error;
      ({ file } = error);
    }
    try {
      const { resume = false } = options;
      return await naming(
        file.path,
        getStriped(
          services,
          file,
          options,
          (path, info, cleanup) => openPartial(path, info, resume, cleanup),
        ),
      );
    } catch (error) {
      if (error instanceof WholeOnly) striped = false;
      else if (!isOutdated(error) || changes++ === MAX_CHANGES) throw error;
      else if (file.leftover !== undefined) await removeIfThere(file.leftover.path);
    }
  }
}

/**
 * Fetches a file on one connection.
 *
 * @param mayStripe Whether it may turn out that it is to be fetched in chunks, which is thrown then.
 */
export async function get(
  opener: StreamOpener,
  name: string,
  destination: string | undefined,
  options: GetOptions,
  mayStripe = false,
): Promise<Moved & { path: string }> {
  checkOptions("Cannot fetch a file", options, GET_OPTION_NAMES);
  checkWord("Cannot fetch a file", "overwrite", options.overwrite, OVERWRITE_POLICIES);
  checkWord("Cannot fetch a file", "verify", options.verify, VERIFICATIONS);
  parseFileName(name);
  const path = resolve(destination ?? basename(name));
  // What the server has may be newer than anything: that is seen when its answer is there.
  await checkTarget(path, options.overwrite ?? "never", Infinity);
  const leftover = options.resume ? await findLeftover(path) : undefined;
  const { streams } = options;
  // What is not to be hashed cannot be compared in chunks.
  const stripes = mayStripe && isHashed(options.verify);
  if (leftover === undefined) {
    return await fetch(opener, name, path, options, undefined, (info) => {
      const count = stripes ? streamsFor(info.size, streams) : 1;
      if (count > 1) throw new InChunks({ name, path, info, streams: count });
    });
  }
  const { size } = leftover.version;
  if (stripes && hasChunks(size)) {
    throw new InChunks({ name, path, leftover, streams: streamsFor(size, streams) });
  }
  try {
    return await fetch(opener, name, path, options, leftover);
  } catch (error) {
    if (isOutdated(error)) await removeIfThere(leftover.path);
    // Where another call goes on with it, there is less here than was found.
    else if (!(error instanceof SizeChangedError)) throw error;
  }
  return await fetch(opener, name, path, options);
}

const OUTDATED: ReadonlySet<string> = new Set(["hash-mismatch", "cannot-resume"]);

/** Whether an error says that what is here is not of the file that is on the server. */
function isOutdated(error: unknown): boolean {
  if (error instanceof RemoteError) return error.code === "cannot-resume";
  return error instanceof ProtocolError && OUTDATED.has(error.code);
}

/**
 * @param leftover What is there already.
 * @param onInfo Is told what the file is, before anything else is done; what it throws ends it.
 */
async function fetch(
  opener: StreamOpener,
  name: string,
  path: string,
  options: GetOptions,
  leftover?: Leftover,
  onInfo?: (info: FileInfo) => void,
): Promise<Moved & { path: string }> {
  const { overwrite = "never", signal, onProgress, onKept, resume = false, verify } = options;
  const offset = leftover?.length ?? 0;
  const body: FileGetRequest = { name, ...wantedBytes(opener) };
  if (leftover !== undefined) Object.assign(body, { offset, ...leftover.version });
  const begun = performance.now();
  const meter = new TransferMeter(opener);
  const outgoing = { message: messages.fileGet, body };
  const fetching = exchange(opener, outgoing, options, async (request) => {
    const info = parseAnswer(await request.answer, name);
    onInfo?.(info);
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
      await partial.reserve(path, size);
      const bytes = incomingBytes(opener, request.reader, info, meter);
      const sha256 = await receiveFile(bytes, staged.file, size, {
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
  return await naming(path, sayingGivenUp(name, fetching));
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

function parseAnswer({ flags, body }: Message, name: string): FileGetResponse {
  const info = messages.fileGet.parseResponse(body);
  if (info.name === name && (flags & Flags.data) !== 0) return info;
  throw new ProtocolError("bad-body", `Server answered with something other than "${name}"`);
}
