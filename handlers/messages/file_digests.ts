import {
  type FileDigest,
  type FileDigestsRequest,
  messages,
  ProtocolError,
} from "../../protocol/mod.ts";
import {
  checkStored,
  Chunks,
  PositionedReader,
  PrefixHasher,
  SizeChangedError,
} from "../../transfer/mod.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";

/** Reads a stored file, slice by slice, and tells what its bytes are up to the end of each chunk. */
export const fileDigests: MessageHandler = defineHandler(
  messages.fileDigests,
  (request, context) => digestsOf(request, context),
);

async function* digestsOf(
  version: FileDigestsRequest,
  { files, signal }: HandlerContext,
): AsyncGenerator<FileDigest, void, void> {
  const { name, size } = version;
  const { file, info, stored } = await files.open(name);
  using _file = file;
  check(version, info);
  if (size === 0) return;
  const hasher = new PrefixHasher(new PositionedReader(file), new Chunks(size));
  while (hasher.next < hasher.chunks.count) {
    const digest = await hasher.digest(signal).catch((error) => {
      throw error instanceof SizeChangedError ? changed(error) : error;
    });
    hasher.accept();
    // Somebody may write to it meanwhile.
    check(version, await files.stat(name));
    if (hasher.next === hasher.chunks.count) checkStored(digest.toHex(), stored);
    yield { digest };
  }
}

function check(wanted: FileDigestsRequest, { size, mtime }: { size: number; mtime: number }): void {
  if (wanted.size === size && wanted.mtime === mtime) return;
  throw changed();
}

function changed(cause?: SizeChangedError): ProtocolError {
  return new ProtocolError("cannot-resume", "File has changed since; fetch all of it", { cause });
}
