import { hash } from "node:crypto";
import {
  ApplicationError,
  encodeAnswer,
  encodeErrorAnswer,
  Flags,
  MAX_PACKED_SIZE,
  messages,
  ProtocolError,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import { checkStored, type FileAtOnce, Pace, SendWindow } from "../../transfer/mod.ts";
import { compressedAnswer } from "./compressed.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";

/** How much is sent at a time, in bytes, where so much memory is lent. */
const BLOCK_LENGTH = 256 * 1024;

/** Blocks that may be on their way at least, and where the path takes so many. */
const FEW_BLOCKS = 4;
const MANY_BLOCKS = 64;

/** Used by one file at a time, and never while something is waited for. */
const scratch = new Uint8Array(MAX_PACKED_SIZE);
const digest = new Uint8Array(TRAILER_LENGTH);

const { type } = messages.fileGet;

/**
 * Sends small files, each as `file.get` does. One that cannot be sent is an error answer among the others,
 * and costs nothing else.
 */
export const fileGetMany: MessageHandler = defineHandler(
  messages.fileGetMany,
  async ({ names, compression }, context) => {
    const entering = context.downloads.enter(context.session, () => context.signal);
    using turn = entering instanceof Promise ? await entering : entering;
    const compressed = compressedAnswer(compression, context);
    const sink = context.replyWithData(compressed.said);
    turn.onStalled = () => sink.abort?.(ApplicationError.refused);
    const window = new SendWindow(compressed.sinkOf(sink, turn), {
      ...{ fewest: FEW_BLOCKS, most: MANY_BLOCKS, length: BLOCK_LENGTH },
      lender: turn,
    });
    const outgoing = new Outgoing(window);
    const pace = new Pace(context.signal);
    for (const name of names) {
      let answer: Uint8Array[] | undefined;
      try {
        answer = answerNow(context, name) ?? await answerLater(context, name);
      } catch (error) {
        context.signal.throwIfAborted();
        answer = [encodeErrorAnswer(type, error)];
      }
      await outgoing.add(answer);
      if (pace.due) await pace.rest();
    }
    outgoing.flush();
    await window.settle();
    return sink;
  },
);

/**
 * What is sent for one name, where that can be told at once; it is valid until anything is waited for.
 *
 * @throws {ProtocolError | InvalidNameError} The client may not have it.
 */
function answerNow(context: HandlerContext, name: string): Uint8Array[] | undefined {
  context.session.identity.checkName(name);
  const read = context.files.readNow(name, scratch);
  if (read === undefined) return undefined;
  return answerWith(context, read, scratch.subarray(0, read.info.size));
}

async function answerLater(context: HandlerContext, name: string): Promise<Uint8Array[]> {
  const { read, bytes } = await readLater(context, name);
  return answerWith(context, read, bytes);
}

/** @throws {DamagedFileError} */
function answerWith(
  context: HandlerContext,
  { info, stored }: FileAtOnce,
  bytes: Uint8Array,
): Uint8Array[] {
  // By way of text: asked for bytes, the runtime takes twice as long.
  const sha256 = hash("sha256", bytes, "hex");
  checkStored(sha256, stored);
  digest.setFromHex(sha256);
  context.beginTransfer(info.name)[Symbol.dispose]();
  return [encodeAnswer(type, info, Flags.data), bytes, digest];
}

/** Says why a file cannot be read at once, or reads it in steps. */
async function readLater(context: HandlerContext, name: string) {
  const { file, ...read } = await context.files.open(name);
  const { info } = read;
  using _file = file;
  if (info.size > MAX_PACKED_SIZE) {
    const message = `File of ${info.size} bytes is too large among many; fetch it by itself`;
    throw new ProtocolError("file-too-large", message);
  }
  const bytes = new Uint8Array(info.size);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new ProtocolError("cannot-resume", "File became shorter; ask again");
    filled += count;
  }
  return { read, bytes };
}

/** Puts what is sent into the buffers of a window, one behind the other. */
class Outgoing {
  readonly #window: SendWindow;
  #buffer: Uint8Array | undefined;
  #length = 0;

  constructor(window: SendWindow) {
    this.#window = window;
  }

  /** Adds some bytes, when there is room. */
  async add(parts: Uint8Array[]): Promise<void> {
    for (let index = 0; index < parts.length; index++) {
      for (let at = 0; at < (parts[index]?.length ?? 0);) {
        if (this.#buffer === undefined) {
          const taken = this.#window.take();
          // Others use the same memory meanwhile.
          if (taken instanceof Promise) parts = parts.map((part) => part.slice());
          this.#buffer = taken instanceof Promise ? await taken : taken;
        }
        const part = parts[index] ?? new Uint8Array();
        const piece = part.subarray(at, at + this.#buffer.length - this.#length);
        this.#buffer.set(piece, this.#length);
        this.#length += piece.length;
        at += piece.length;
        if (this.#length === this.#buffer.length) this.flush();
      }
    }
  }

  /** Sends what was added. */
  flush(): void {
    if (this.#buffer === undefined) return;
    this.#window.send(this.#buffer.subarray(0, this.#length), () => {});
    this.#buffer = undefined;
    this.#length = 0;
  }
}
