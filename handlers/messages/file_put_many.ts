import {
  type FilePutManyResponse,
  MAX_PACKED_FAILURES,
  type MessageReader,
  messages,
  type PackedFailure,
  type PackedRename,
  parsePacked,
  ProtocolError,
  TRAILER_LENGTH,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { Pace } from "../../transfer/mod.ts";
import { decompressed } from "./compressed.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { PackedBatch, refuseOld } from "./packed_batch.ts";

/** How many files are told of together, so that the client, which sends so much ahead and no more, goes on. */
const TOLD_AT_ONCE = 256;

/**
 * Stores small files, as they come, each as `file.put` does. One that cannot be stored is named in an answer,
 * and costs nothing else.
 */
export const filePutMany: MessageHandler = defineHandler(
  messages.filePutMany,
  ({ repeated = 0, compression }, context) => {
    const { data } = context;
    if (data !== undefined) {
      const files = decompressed(data, compression, context);
      return Promise.resolve(storeAll(context, files, repeated));
    }
    throw new ProtocolError("bad-frame", "Request file.put_many comes without the files");
  },
);

async function* storeAll(
  context: HandlerContext,
  data: MessageReader,
  repeated: number,
): AsyncGenerator<FilePutManyResponse> {
  const done = new Done();
  await using batch = new PackedBatch(context, ({ request, error, name }) => {
    context.auditChange("file.put", name, error);
    done.note(name === request.name ? { error } : { error, name });
  });
  const pace = new Pace(context.signal);
  try {
    for (let index = 0;; index++) {
      let message = data.takeMessage();
      if (message === undefined) {
        message = yield* reading(data.readNext(), batch, done);
        pace.resume();
      }
      if (message === undefined) break;
      const request = parsePacked(message);
      const length = request.size + TRAILER_LENGTH;
      const content = data.takeExactly(length) ??
        (yield* reading(data.readExactly(length), batch, done));
      refuseOld(context);
      await batch.add(request, content, index < repeated);
      data.letGo();
      yield* done.takeFull();
      if (!pace.due) continue;
      if (batch.waiting) yield* done.take();
      await pace.rest();
    }
    yield* storeRest(batch, done);
  } catch (error) {
    // What has come whole is stored, whatever came behind it; of a client that has gone, nothing more is.
    if (!context.signal.aborted && !context.files.wasStopped?.()) yield* storeRest(batch, done);
    yield* done.take();
    throw error;
  }
}

/** Has all stored that has come, and tells the client as it goes. */
async function* storeRest(batch: PackedBatch, done: Done): AsyncGenerator<FilePutManyResponse> {
  try {
    while (batch.waiting) {
      await batch.advance();
      yield* done.take();
    }
  } finally {
    yield* done.take();
  }
}

/** Waits for what comes; meanwhile, what has come is stored, and the client hears of it. */
async function* reading<Read>(
  read: Promise<Read>,
  batch: PackedBatch,
  done: Done,
): AsyncGenerator<FilePutManyResponse, Read> {
  const came = read.then(() => true);
  came.catch(() => {}); // it is told at the end
  yield* done.take();
  while (batch.waiting) {
    if (await Promise.race([came, batch.advance().then(() => false)])) break;
    yield* done.take();
  }
  return await read;
}

/** What is done, and the client has not been told yet. */
class Done {
  /** Answers with as much in them as there is told at once. */
  readonly #full: FilePutManyResponse[] = [];
  #count = 0;
  #failures: PackedFailure[] = [];
  #renamed: PackedRename[] = [];

  /** One more, with what has gone wrong, or another name than was asked for. */
  note({ error, name }: { error?: unknown; name?: string }): void {
    if (error !== undefined) this.#failures.push({ index: this.#count, ...wireErrorOf(error) });
    else if (name !== undefined) this.#renamed.push({ index: this.#count, name });
    this.#count++;
    const most = Math.max(this.#failures.length, this.#renamed.length);
    if (this.#count === TOLD_AT_ONCE || most === MAX_PACKED_FAILURES) this.#fill();
  }

  takeFull(): FilePutManyResponse[] {
    return this.#full.splice(0);
  }

  take(): FilePutManyResponse[] {
    if (this.#count > 0) this.#fill();
    return this.takeFull();
  }

  #fill(): void {
    const [count, failures, renamed] = [this.#count, this.#failures, this.#renamed];
    this.#full.push({
      count,
      ...(failures.length === 0 ? {} : { failures }),
      ...(renamed.length === 0 ? {} : { renamed }),
    });
    this.#count = 0;
    this.#failures = [];
    this.#renamed = [];
  }
}
