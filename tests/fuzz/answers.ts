import { decode } from "@msgpack/msgpack";
import { codeOf, read, section, tablesIn } from "../docs/markdown.ts";

/** What must not be in anything that a server says. */
export interface Secrets {
  readonly texts: readonly string[];
}

const HEADER = 8;
const RESPONSE = 1;
const ERROR = 2;
const DATA = 4;
const MAX_BODY = 262_144;

/** Types that are answered with a sequence of messages: `events.subscribe`, `system.action.run`, and an own one. */
export const SEQUENCES: ReadonlySet<number> = new Set([8, 38, 0x8002]);

/** The codes of errors that `docs/protocol.md` has. */
export const CODES: ReadonlySet<string> = new Set(
  tablesIn(section(read("docs/protocol.md"), "Errors"))
    .find((table) => table.some(([code]) => code === "`bad-frame`"))
    ?.map(([code = ""]) => codeOf(code)),
);

/** Codes with which a server ends a connection, as they stand there. */
export const CLOSE_CODES: ReadonlySet<number> = new Set(
  tablesIn(section(read("docs/protocol.md"), "Application error codes of QUIC"))
    .flatMap((table) => table.map(([code]) => Number(code))),
);

/** What an answer says, or what is wrong with it. */
export interface Judgement {
  /** `answer`, or the code of the error in it. */
  readonly outcome: string;
  /** What must not be. */
  readonly wrong?: string;
}

/**
 * Judges what came back on a stream, or in a datagram, by what is written down.
 *
 * @param asked The type in the request's header; undefined where it did not have one.
 * @param options `whole: false`: the end of it may be missing.
 */
export function judge(
  bytes: Uint8Array,
  asked: number | undefined,
  { whole = true } = {},
): Judgement {
  const wrong = (what: string): Judgement => ({ outcome: "unreadable", wrong: what });
  const short = (what: string): Judgement => whole ? wrong(what) : { outcome };
  let at = 0;
  let outcome = "nothing";
  while (at < bytes.length) {
    if (bytes.length - at < HEADER) return short("An answer ends in its header");
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER);
    const [version, flags, type] = [view.getUint8(0), view.getUint8(1), view.getUint16(2)];
    const length = view.getUint32(4);
    if (version !== 1) return wrong(`An answer has version ${version}`);
    if ((flags & RESPONSE) === 0 || flags > 7 || (flags & ERROR && flags & DATA)) {
      return wrong(`An answer has the flags ${flags}`);
    }
    if (length > MAX_BODY) return wrong("An answer's body is too long");
    if (asked !== undefined && type !== asked && !(type === 0 && flags & ERROR)) {
      return wrong(`An answer has another type than its request`);
    }
    const end = at + HEADER + length;
    if (end > bytes.length) return short("An answer ends in its body");
    const body = bodyOf(bytes.subarray(at + HEADER, end));
    if (body === undefined) return wrong("An answer's body is no map");
    at = end;
    if (flags & ERROR) {
      const { code, message } = body;
      if (typeof code !== "string" || !CODES.has(code)) {
        return wrong(`An error has the code ${JSON.stringify(code)}, which is not documented`);
      }
      if (typeof message !== "string" || message === "") return wrong("An error has no message");
      if (code === "internal") return { outcome: code, wrong: `The server failed: ${message}` };
      if (at < bytes.length) return wrong("Something follows an error");
      return { outcome: code };
    }
    outcome = "answer";
    if (flags & DATA) break;
    if (at < bytes.length && !SEQUENCES.has(type)) return wrong("Something follows an answer");
  }
  return { outcome };
}

/** What of the secrets is in what a server has said. */
export function leakIn(bytes: Uint8Array, { texts }: Secrets): string | undefined {
  const text = new TextDecoder("latin1").decode(bytes);
  return texts.find((secret) => text.includes(secret));
}

function bodyOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const body = decode(bytes);
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? body as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
