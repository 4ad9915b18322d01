import { basename, resolve } from "node:path";
import { checkOptions, checkWord, delay, InvalidOptionError } from "../base/mod.ts";
import type { BlockedTimes } from "../ffi/mod.ts";
import {
  type FileResumeResponse,
  OVERWRITE_POLICIES,
  parseNewFileName,
  RemoteError,
} from "../protocol/mod.ts";
import { hasChunks, SMALL_SIZE } from "../transfer/mod.ts";
import type { StreamOpener } from "./exchange.ts";
import { PUT_OPTION_NAMES, type PutOptions } from "./put_options.ts";
import {
  fileSource,
  memorySource,
  openSource,
  type Source,
  type SourceOptions,
} from "./put_source.ts";
import { putStriped } from "./put_striped.ts";
import { isUnverified, type Putting, requestOf, sendAtOnce, sendWhole } from "./put_whole.ts";
import { askProgress } from "./resume.ts";
import type { SideLinks } from "./side_links.ts";
import { smallSource } from "./small_source.ts";
import { SourceChangedError } from "./errors.ts";
import { sourceError } from "./source_error.ts";
import { checkStreams, streamsFor, WholeOnly } from "./stripes.ts";
import { type Coding, TransferMeter } from "./transfer_meter.ts";
import { type Moved, stored, transferResult } from "./transfer_result.ts";
import { checkUploadId, newUploadId } from "./upload_id.ts";
import { isHashed, VERIFICATIONS, verifiedAs } from "./verification.ts";

/** How often to ask where to go on. */
const MAX_QUESTIONS = 3;

/**
 * How long to wait at most, in milliseconds, before it is asked again, and twice as long the next time: two
 * that ask at once take it from each other each time.
 */
const RETREAT_MS = 200;

/** How often a file is sent that somebody writes to meanwhile. */
const MAX_SENDINGS = 2;

/** How far an upload has come in all attempts at it. */
export interface Journey {
  /** How much of it a server was known to have. */
  offset: number;
}

/** What an attempt at an upload is made of. */
interface Attempt extends Putting {
  journey: Journey;
  /** Connections beside, for a file that goes in chunks; without, it goes as a whole. */
  beside: (() => SideLinks) | undefined;
}

/** How far it came with what was sent. */
interface Delivered {
  source: Source;
  /** What it is called on the server. */
  name: string;
  sha256: string;
  /** Bytes that need not be sent. */
  offset: number;
  streams: number;
}

/** Stores a file under a name; see `Client.put`. */
export async function put(
  opener: StreamOpener,
  source: string | Uint8Array,
  name: string | undefined,
  options: PutOptions,
  journey: Journey = { offset: 0 },
  beside?: () => SideLinks,
): Promise<Moved> {
  checkOptions("Cannot store a file", options, PUT_OPTION_NAMES);
  checkWord("Cannot store a file", "overwrite", options.overwrite, OVERWRITE_POLICIES);
  checkWord("Cannot store a file", "verify", options.verify, VERIFICATIONS);
  const wanted = name ?? nameOf(source);
  parseNewFileName(wanted);
  checkStreams("Cannot store a file", options.streams);
  const { id = newUploadId(), repeated = options.id !== undefined } = options;
  checkUploadId(id);
  if (options.part !== undefined) checkUploadId(options.part);
  const asks = repeated || options.part !== undefined;
  const small = asks ? undefined : smallSource(source);
  const meter = new TransferMeter(opener, { small: small !== undefined });
  const attempt = { opener, journey, name: wanted, options, id, meter, beside };
  if (small !== undefined) return await sendAtOnce(attempt, small);
  const sourceOptions = sourceOptionsOf(options, meter);
  if (typeof source !== "string") {
    const bytes = memorySource(source, sourceOptions);
    return await upload(attempt, () => Promise.resolve(bytes), asks);
  }
  using file = await openSource(source);
  const look = () => fileSource(source, file, sourceOptions);
  try {
    return await upload(attempt, look, asks);
  } catch (error) {
    if (!isMismatch(error) || isHashed(options.verify)) throw error;
  }
  // The server is an older one, which compares in any case.
  return await put(opener, source, name, { ...options, verify: "sha256" }, journey, beside);
}

function sourceOptionsOf(
  { onProgress, signal, verify }: PutOptions,
  { times }: TransferMeter,
): SourceOptions {
  return {
    times,
    hashed: isHashed(verify),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function nameOf(source: string | Uint8Array): string {
  if (typeof source === "string") return basename(resolve(source));
  throw new InvalidOptionError("Cannot store bytes without a name: give it as the second argument");
}

/**
 * @param look Looks at what is to be sent, as it is now.
 * @param asks Whether the server may have something of it: who does not ask saves a round trip.
 */
async function upload(
  attempt: Attempt,
  look: () => Promise<Source>,
  asks: boolean,
): Promise<Moved> {
  const start = performance.now();
  const first = await look();
  const { held: bytes } = first;
  if (!asks && bytes !== undefined && bytes.length <= SMALL_SIZE) {
    return await sendAtOnce(attempt, { ...first, bytes });
  }
  const sent = await sendUnmixed(attempt, first, look, asks);
  const { source } = sent;
  const ms = performance.now() - start;
  const { verify } = attempt.options;
  const moved = transferResult(
    attempt.name,
    source.size,
    sent.sha256,
    ms,
    attempt.meter,
    sent.offset,
  );
  const result = {
    ...stored(moved, sent.name),
    ...(source.held === undefined ? verifiedAs(verify) : {}),
    streams: sent.streams,
  };
  return verify !== "none" && await source.hasChanged() ? { ...result, changed: true } : result;
}

/** Sends it, and again from the start where somebody has written to it meanwhile. */
async function sendUnmixed(
  attempt: Attempt,
  first: Source,
  look: () => Promise<Source>,
  asks: boolean,
): Promise<Delivered> {
  for (let sendings = 1;; sendings++) {
    try {
      const repeats = asks || sendings > 1;
      return repeats ? await goOn(attempt, look) : await sendFirst(attempt, first);
    } catch (error) {
      if (!(error instanceof SourceChangedError) || sendings === MAX_SENDINGS) throw error;
    }
  }
}

/** Sends all of it, by the first attempt. */
async function sendFirst(attempt: Attempt, source: Source): Promise<Delivered> {
  const sent = await sendInChunks(attempt, source, 0, false);
  if (sent !== undefined) return sent;
  return { source, ...await sendWhole(attempt, source, undefined), offset: 0, streams: 1 };
}

/**
 * Sends a file in chunks, where it is to go over several connections, or on from where it was.
 *
 * @param there How much of it is there, as the server says.
 * @param repeated Whether the server was asked.
 * @returns `undefined` if it is to go as a whole.
 */
async function sendInChunks(
  attempt: Attempt,
  source: Source,
  there: number,
  repeated: boolean,
): Promise<Delivered | undefined> {
  const { opener, options, beside, meter } = attempt;
  const { file, size } = source;
  const streams = streamsFor(size, options.streams);
  // What is not to be hashed cannot be compared in chunks.
  if (isUnverified(attempt, source)) return undefined;
  if (file === undefined || beside === undefined || !hasChunks(size)) return undefined;
  if (streams === 1 && there === 0) return undefined;
  const body = { ...requestOf(attempt, size, source), id: attempt.id, repeated };
  const { signal, onProgress } = options;
  const { check, digest } = source;
  const onStream = (stream: { readonly blocked?: BlockedTimes | undefined }) => meter.watch(stream);
  const onPart = (part: Coding) => meter.partMoved(part, streams);
  try {
    const { sha256, resumedFrom } = await putStriped({
      ...{ opener, beside, body, file, streams, signal, check, digest },
      ...{ onProgress, onStream, onPart },
    });
    return { source, name: attempt.name, sha256, offset: resumedFrom, streams };
  } catch (error) {
    if (error instanceof WholeOnly) return undefined;
    // What was sent of it no longer fits together.
    const reason = (isMismatch(error) ? await source.change() : undefined) ?? error;
    throw source.path === undefined ? reason : sourceError(reason, source.path);
  }
}

/** Goes on where an earlier attempt stopped; from the start, if what it sent was something else. */
async function goOn(
  attempt: Attempt,
  look: () => Promise<Source>,
): Promise<Delivered> {
  let changed = false;
  for (let asked = 1;; asked++) {
    const source = await look();
    const progress = await askAbout(attempt, source);
    noteProgress(attempt, progress.offset);
    if (progress.sha256 !== undefined) return await agree(attempt, source, progress);
    const offset = changed ? 0 : progress.offset;
    try {
      const sent = changed ? undefined : await sendInChunks(attempt, source, offset, true);
      if (sent !== undefined) return sent;
      return { source, ...await sendWhole(attempt, source, offset), offset, streams: 1 };
    } catch (error) {
      const code = error instanceof RemoteError ? error.code : undefined;
      // An attempt that was given up, and came late, may have been in the way.
      if (code === "cannot-resume" && asked < MAX_QUESTIONS) {
        await delay(Math.random() * RETREAT_MS * asked, attempt.options.signal);
        continue;
      }
      if (code !== "hash-mismatch" || offset === 0) throw error;
      changed = true;
    }
  }
}

/** An upload that comes further from attempt to attempt is not what its servers die of. */
function noteProgress({ opener, journey }: Attempt, offset: number): void {
  if (offset <= journey.offset) return;
  journey.offset = offset;
  opener.advance?.();
}

/** Finds what is stored to be the source; if it has changed since, it is another upload. */
async function agree(
  attempt: Attempt,
  source: Source,
  stored: FileResumeResponse,
): Promise<Delivered> {
  const { name = attempt.name } = stored;
  if (stored.sha256 !== undefined && isUnverified(attempt, source)) {
    return { source, name, sha256: stored.sha256, offset: source.size, streams: 1 };
  }
  const sha256 = await source.digest(attempt.options.signal);
  if (sha256 === stored.sha256) return { source, name, sha256, offset: source.size, streams: 1 };
  const other = { ...attempt, id: newUploadId() };
  return { source, ...await sendWhole(other, source, undefined), offset: 0, streams: 1 };
}

function askAbout({ opener, id, name, options }: Attempt, { size }: Source) {
  const { part } = options;
  const upload = { id, name, size, ...(part === undefined ? {} : { part }) };
  return askProgress(opener, upload, options);
}

/** Whether the server has something else than was sent. */
function isMismatch(error: unknown): boolean {
  return error instanceof RemoteError && error.code === "hash-mismatch";
}
