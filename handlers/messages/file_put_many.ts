import {
  type ByteSource,
  type FilePutManyResponse,
  type FilePutRequest,
  MAX_PACKED_ANSWER,
  MAX_PACKED_FAILURES,
  MessageReader,
  messages,
  type PackedFailure,
  type PackedRename,
  parsePacked,
  ProtocolError,
  TRAILER_LENGTH,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { Pace } from "../../transfer/mod.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeFile, storerOf } from "./store_file.ts";

/** What refuses a file where another one is. */
const IS_THERE: ReadonlySet<string> = new Set(["file-exists", "not-newer"]);

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
        const name = await storeOne(context, request, content, index < repeated);
        context.auditChange("file.put", name);
        done.note(name === request.name ? {} : { name });
      } catch (error) {
        context.signal.throwIfAborted();
        context.auditChange("file.put", request.name, error);
        done.note({ error });
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
  #renamed: PackedRename[] = [];

  get isFull(): boolean {
    return this.count >= MAX_PACKED_ANSWER || this.#failures.length >= MAX_PACKED_FAILURES ||
      this.#renamed.length >= MAX_PACKED_FAILURES;
  }

  /** One more, with what has gone wrong, or another name than was asked for. */
  note({ error, name }: { error?: unknown; name?: string }): void {
    if (error !== undefined) this.#failures.push({ index: this.count, ...wireErrorOf(error) });
    if (name !== undefined) this.#renamed.push({ index: this.count, name });
    this.count++;
  }

  take(): FilePutManyResponse {
    const { count } = this;
    const [failures, renamed] = [this.#failures, this.#renamed];
    this.count = 0;
    if (failures.length > 0) this.#failures = [];
    if (renamed.length > 0) this.#renamed = [];
    return {
      count,
      ...(failures.length === 0 ? {} : { failures }),
      ...(renamed.length === 0 ? {} : { renamed }),
    };
  }
}

/**
 * @param content The file's bytes and, behind them, their SHA-256; borrowed until the next ones are read.
 * @returns What the file is called.
 */
async function storeOne(
  context: HandlerContext,
  request: FilePutRequest,
  content: Uint8Array,
  repeated: boolean,
): Promise<string> {
  const { files } = context;
  checkAllowed(request, context);
  let { name } = request;
  try {
    if (files.storeNow(request, content, storerOf(context)) === undefined) {
      using target = files.target(name, storerOf(context));
      const data = new MessageReader(memorySource(content));
      await storeFile(context, target, request, data).finally(() => name = target.name);
    } else context.beginTransfer(name)[Symbol.dispose]();
  } catch (error) {
    const bytes = content.subarray(0, request.size);
    const isThere = repeated && IS_THERE.has(wireErrorOf(error).code) &&
      await files.holds(name, bytes);
    if (!isThere) throw error;
  }
  return name;
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
