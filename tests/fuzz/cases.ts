import { concat } from "../../base/mod.ts";
import { Random } from "../chaos/random.ts";
import { frame } from "../e2e/interop_client.ts";
import { anyRequest, largePut, OWN, ping, type Request } from "./requests.ts";
import { pack, wildBody } from "./wild_bodies.ts";

/** What is sent on a stream, and how. */
export interface StreamPlan {
  /** One write each. */
  readonly pieces: readonly Uint8Array[];
  /** Whether the client ends what it sends, or breaks it off. */
  readonly end: "fin" | "reset";
  /** Whether it reads the answer, or wants nothing of it. */
  readonly read: "all" | "none";
  /** What comes of it for certain, where that is so: `answer` for one without an error. */
  readonly expect?: readonly string[];
}

/** How a connection begins. */
export interface Greeting {
  /** Which token it shows; `none` for no hello at all, `odd` for one that is no text. */
  readonly token: "right" | "wrong" | "revoked" | "expired" | "long" | "odd" | "none";
  /** How many streams come before hello. */
  readonly before: number;
  /** Whether hello comes byte by byte, or some of it. */
  readonly cut: boolean;
  readonly streams: readonly StreamPlan[];
  /** With which code the client closes the connection at once; it waits, if not given. */
  readonly closeWith?: number;
}

/** What is tried. */
export type Case =
  | { readonly kind: "codec"; readonly bytes: Uint8Array; readonly cuts: readonly number[] }
  | { readonly kind: "stream"; readonly plan: StreamPlan }
  | { readonly kind: "datagram"; readonly bytes: Uint8Array }
  | { readonly kind: "connection"; readonly greeting: Greeting };

/** Every case is made of its number and the seed alone. */
export function makeCase(seed: number, index: number): Case {
  const random = new Random(mix(seed, index));
  const kind = random.next();
  if (kind < 0.45) return codecCase(random);
  if (kind < 0.93) return { kind: "stream", plan: planOf(random) };
  if (kind < 0.97) return { kind: "datagram", bytes: datagramOf(random) };
  return { kind: "connection", greeting: greetingOf(random) };
}

/** Which client of several tries it. */
export function laneOf(seed: number, index: number, lanes: number): number {
  return new Random(mix(seed, index) ^ 0x5bd1e995).between(0, lanes - 1);
}

function mix(seed: number, index: number): number {
  return (Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(index + 1, 0xc2b2_ae35)) >>> 0;
}

function codecCase(random: Random): Case {
  const messages = Array.from({ length: random.between(1, 3) }, () => messageOf(random).bytes);
  const bytes = concat(messages).subarray(0, 200_000);
  const cuts = Array.from({ length: random.between(0, 8) }, () => random.between(0, bytes.length));
  return { kind: "codec", bytes, cuts: cuts.sort((a, b) => a - b) };
}

/** Bytes of a request, and what a server must answer, where that is beyond doubt. */
interface MadeMessage {
  readonly bytes: Uint8Array;
  readonly expect?: readonly string[];
}

function messageOf(random: Random): MadeMessage {
  const request = anyRequest(random);
  const whole = bytesOf(request);
  switch (random.between(0, 17)) {
    case 0: {
      const version = random.pick([0, 2, 3, 127, 255]) ?? 0;
      return { bytes: changed(whole, 0, version), expect: ["bad-version"] };
    }
    case 1: {
      const flags = random.pick([8, 16, 0x80, 0xff, 2, 6]) ?? 8;
      return { bytes: changed(whole, 1, flags), expect: ["bad-frame"] };
    }
    case 2: // more than there may be
      return { bytes: changed(whole, 4, random.between(1, 255)), expect: ["body-too-large"] };
    case 3: // it ends early
      return { bytes: whole.subarray(0, random.between(0, 7)), expect: ["bad-frame"] };
    case 4:
      return { bytes: whole.subarray(0, random.between(0, whole.length)) };
    case 5:
      return { bytes: frame(request.type, 0, wildBody(random)) };
    case 6: // any byte is another
      return { bytes: changed(whole, random.between(0, whole.length - 1), random.between(0, 255)) };
    case 7:
      return { bytes: concat([whole, random.bytes(random.between(1, 50))]) };
    case 8:
      return { bytes: random.bytes(random.between(0, 100)) };
    default:
      return { bytes: whole, ...(request.sure ? { expect: ["answer"] } : {}) };
  }
}

function planOf(random: Random): StreamPlan {
  if (random.between(0, 399) === 0) {
    const { type, body, data = new Uint8Array() } = largePut(random);
    const pieces = [frame(type, 4, pack(body)), data];
    return { pieces, end: "reset", read: "none" };
  }
  const { bytes, expect } = messageOf(random);
  const pieces = cut(random, bytes);
  const order = random.between(0, 19);
  if (order === 0) return { pieces, end: "reset", read: "all" };
  if (order === 1) return { pieces, end: "fin", read: "none" };
  return { pieces, end: "fin", read: "all", ...(expect === undefined ? {} : { expect }) };
}

function datagramOf(random: Random): Uint8Array {
  const number = random.bytes(4);
  if (random.between(0, 3) === 0) return random.bytes(random.between(0, 1000));
  const request = random.between(0, 1) === 0
    ? ping()
    : { type: OWN.one, body: { to: 1, text: "" } };
  const made = random.between(0, 1) === 0 ? bytesOf(request) : messageOf(random).bytes;
  return concat([number, made]).subarray(0, 1000);
}

function greetingOf(random: Random): Greeting {
  const bad = ["wrong", "revoked", "expired", "long", "odd", "none"] as const;
  const tokens = ["right", "right", "right", "right", ...bad] as const;
  const streams = Array.from({ length: random.between(0, 12) }, () => planOf(random));
  const before = random.between(0, 1) === 0 ? 0 : random.between(0, streams.length);
  const token = random.pick(tokens) ?? "none";
  const greeting = { token, before, cut: random.between(0, 3) === 0, streams };
  if (random.between(0, 4) > 0) return greeting;
  return { ...greeting, closeWith: random.pick([0, 3, 5, 99, 2 ** 31]) ?? 0 };
}

function bytesOf({ type, body, data }: Request): Uint8Array {
  const head = frame(type, data === undefined ? 0 : 4, pack(body));
  return data === undefined ? head : concat([head, data]);
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function cut(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (random.between(0, 3) > 0 || bytes.length < 2) return [bytes];
  const at = random.between(1, Math.min(bytes.length - 1, 20));
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
