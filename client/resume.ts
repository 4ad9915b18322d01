import {
  type FileResumeRequest,
  type FileResumeResponse,
  messages,
  ProtocolError,
  RemoteError,
} from "../protocol/mod.ts";
import { ask, type RequestOptions, type StreamOpener } from "./exchange.ts";

/** Asks how far an upload has come. Whoever receives it still is kept from going on. */
export async function askProgress(
  opener: StreamOpener,
  request: FileResumeRequest,
  { signal }: RequestOptions,
): Promise<FileResumeResponse> {
  let progress: FileResumeResponse;
  try {
    const options = signal === undefined ? {} : { signal };
    progress = await ask(opener, messages.fileResume, request, options);
  } catch (error) {
    // A server that knows no such question has nothing to go on from.
    if (error instanceof RemoteError && error.code === "unknown-type") return { offset: 0 };
    throw error;
  }
  if (progress.offset <= request.size) return progress;
  throw new ProtocolError(
    "bad-body",
    `Server says that it has ${progress.offset} bytes of "${request.name}", which has ${request.size}`,
  );
}
