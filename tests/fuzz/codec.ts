import {
  type ByteSource,
  decodeDatagram,
  MAX_BODY_LENGTH,
  MessageReader,
  ProtocolError,
} from "../../protocol/mod.ts";

/** How long a message may take to be read, in milliseconds. */
const PATIENCE_MS = 500;

/** A busy machine has other things to do as well: so often it may take longer, one time after the other. */
const ATTEMPTS = 5;

/**
 * Reads bytes as a server does, in one piece and in several.
 *
 * @returns How it ended, and what is wrong with that.
 */
export async function tryCodec(
  bytes: Uint8Array,
  cuts: readonly number[],
): Promise<{ outcome: string; wrong?: string }> {
  const whole = await readAll(bytes, []);
  const inPieces = await readAll(bytes, cuts);
  if (whole !== inPieces) return { outcome: whole, wrong: `Other pieces, other messages` };
  if (whole.startsWith("!")) return { outcome: "crash", wrong: `The codec throws ${whole}` };
  try {
    decodeDatagram(bytes, MAX_BODY_LENGTH);
  } catch (error) {
    return { outcome: "crash", wrong: `The codec of datagrams throws ${error}` };
  }
  if (await isSlow(bytes)) return { outcome: whole, wrong: "The codec takes long" };
  return { outcome: whole.replace(/^[^]* /, "") };
}

async function isSlow(bytes: Uint8Array): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = performance.now();
    await readAll(bytes, []);
    if (performance.now() - before < PATIENCE_MS) return false;
  }
  return true;
}

/** What is read, up to where it ends, in words. */
async function readAll(bytes: Uint8Array, cuts: readonly number[]): Promise<string> {
  const reader = new MessageReader(sourceOf(bytes, cuts));
  const read: string[] = [];
  try {
    for (;;) {
      const message = await reader.readNext();
      if (message === undefined) return [...read, "end"].join(" ");
      const { type, flags } = message;
      const body = Object(message.body);
      if (Object.getPrototypeOf(body) !== Object.prototype) return "! a body of another kind";
      read.push(`${type}/${flags}/${Object.keys(body).length}`);
    }
  } catch (error) {
    if (error instanceof ProtocolError) return [...read, error.code].join(" ");
    return `! ${error instanceof Error ? error.stack : error}`;
  }
}

function sourceOf(bytes: Uint8Array, cuts: readonly number[]): ByteSource {
  const edges = [0, ...cuts, bytes.length];
  let next = 0;
  // What was handed out before is not there any more, as with MsQuic's memory.
  let lent: Uint8Array | undefined;
  return {
    read() {
      lent?.fill(0xee);
      if (next + 1 >= edges.length) return Promise.resolve(null);
      lent = bytes.slice(edges[next], edges[++next]);
      return Promise.resolve(lent);
    },
  };
}
