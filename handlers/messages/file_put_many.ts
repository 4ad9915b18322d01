import {
  type ByteSource,
  type FilePutManyResponse,
  type FilePutRequest,
  MAX_PACKED_ANSWER,
  MAX_PACKED_FAILURES,
  MessageReader,
  messages,
  type PackedFailure,
  parsePacked,
  ProtocolError,
  TRAILER_LENGTH,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { FileExistsError, Pace } from "../../transfer/mod.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed, storeFile, storerOf } from "./store_file.ts";

/**
 * Stores small files, as they come, each as `file.put` does. One that cannot be stored is named in an answer,
 * and costs nothing else.
 */
export const filePutMany: MessageHandler = defineHandler(
  messages.filePutMany,
  ({ repeated = 0 }, context) => {
    const { data } = context;
    if (data !== undefined) return Promise.resolve(storeAll(context, data, repeated));
    throw new ProtocolError("bad-frame", "Request file.put_many comes without the files");
  },
);

async function* storeAll(
  context: HandlerContext,
  data: MessageReader,
  repeated: number,
): AsyncGenerator<FilePutManyResponse> {
  const done = new Done();
  const pace = new Pace(context.signal);
  try {
    for (let index = 0;; index++) {
      let message = data.takeMessage();
      if (message === undefined) {
        // Before it waits, the client hears what is done.
        if (done.count > 0) yield done.take();
        message = await data.readNext();
        pace.resume();
      }
      if (message === undefined) return;
      const request = parsePacked(message);
      const length = request.size + TRAILER_LENGTH;
      const content = data.takeExactly(length) ?? await data.readExactly(length);
      if (context.files.wasStopped?.()) {
        // Its client may have gone elsewhere with it long ago, and it may have been replaced there.
        throw new ProtocolError("shutting-down", "Server stood still for a while; send it again");
      }
      try {
        await storeOne(context, request, content, index < repeated);
        context.auditChange("file.put", request.name);
        done.note();
      } catch (error) {
        context.signal.throwIfAborted();
        context.auditChange("file.put", request.name, error);
        done.note(error);
      }
      if (done.isFull) yield done.take();
      if (pace.due) await pace.rest();
    }
  } catch (error) {
    if (done.count > 0) yield done.take();
    throw error;
  }
}

/** What is done, and the client has not been told yet. */
class Done {
  count = 0;
  #failures: PackedFailure[] = [];

  get isFull(): boolean {
    return this.count >= MAX_PACKED_ANSWER || this.#failures.length >= MAX_PACKED_FAILURES;
  }

  note(error?: unknown): void {
    if (error !== undefined) this.#failures.push({ index: this.count, ...wireErrorOf(error) });
    this.count++;
  }

  take(): FilePutManyResponse {
    const { count } = this;
    const failures = this.#failures;
    this.count = 0;
    this.#failures = [];
    return failures.length === 0 ? { count } : { count, failures };
  }
}

/** @param content The file's bytes and, behind them, their SHA-256; borrowed until the next ones are read. */
async function storeOne(
  context: HandlerContext,
  request: FilePutRequest,
  content: Uint8Array,
  repeated: boolean,
): Promise<void> {
  const { files } = context;
  checkAllowed(request, context);
  try {
    if (files.storeNow(request, content, storerOf(context)) === undefined) {
      await storeFile(context, request, new MessageReader(memorySource(content)));
    } else context.beginTransfer(request.name)[Symbol.dispose]();
  } catch (error) {
    const bytes = content.subarray(0, request.size);
    const isThere = repeated && error instanceof FileExistsError &&
      await files.holds(request.name, bytes);
    if (!isThere) throw error;
  }
}

function memorySource(bytes: Uint8Array): ByteSource {
  let rest: Uint8Array | null = bytes;
  return {
    read() {
      const all = rest;
      rest = null;
      return Promise.resolve(all);
    },
  };
}
