import { createHash } from "node:crypto";
import type { Random } from "../chaos/random.ts";
import { inBlocks } from "./blocks.ts";
import { TEXTS, wildMap, wildValue } from "./wild_bodies.ts";

/** A request as a client of good will would make it, or nearly so. */
export interface Request {
  type: number;
  body: Record<string, unknown>;
  /** Raw bytes behind the body. */
  data?: Uint8Array;
  /** Whether a server that lets its client do it answers without an error. */
  sure?: boolean;
}

/** Messages of one's own that the server has: see `own_handlers.js`. */
export const OWN = { one: 0x8001, sequence: 0x8002, bytes: 0x8003, picky: 0x8004 } as const;

/** Names that lead somewhere, or would, if a server let them. */
const NAMES: readonly string[] = [
  ...["a", "b/c", "d/e/f", "x y", "ü", "A", "a/b", "b", "long/" + "n".repeat(200)],
  ...["../outside/secret", "..", ".", "/etc/passwd", "a/../../outside/secret", "link/secret"],
  ...["link-file", "C:\\x", "\\\\host\\share", "con", "NUL.txt", ".msquicd/id", ".MSQUICD/id"],
  ...["MSQUIC~1/id", "a//b", "a/", "/", "a\0b", "a\nb", "%2e%2e/x", "..\\x", "~/x", "$HOME", "-rf"],
  ...["d/".repeat(99) + "f", "d/".repeat(120) + "f", "n".repeat(256), "n/".repeat(600)],
];

const HEX = "0123456789abcdef";

/** A request of any type. */
export function anyRequest(random: Random): Request {
  const request = random.pick(MAKERS)?.(random) ?? ping();
  if (random.between(0, 9) === 0) {
    request.body.$deadlineMs = random.pick<unknown>([1, 50, 86_400_000, 0, -1, 0.5, "1", null]);
    delete request.sure;
  }
  return request;
}

/** Requests that change nothing and need no right, which any client may make. */
export function ping(): Request {
  return { type: 2, body: {}, sure: true };
}

function echo(random: Random): Request {
  const body = wildMap(random, 1);
  if (random.between(0, 1) === 0) return { type: 3, body };
  return { type: 3, body, data: random.bytes(random.between(0, 3000)) };
}

function put(random: Random): Request {
  const content = random.bytes(random.between(0, 600));
  const name = nameOf(random);
  const size = random.between(0, 9) === 0 ? anyNumber(random) : content.length;
  const hash = createHash("sha256").update(content).digest();
  if (random.between(0, 9) === 0) hash[0]! ^= 1;
  const trailer = random.between(0, 9) === 0 ? hash.subarray(random.between(0, 32)) : hash;
  const compression = maybe(random, "compression", () => random.pick(["zstd", "zstd", "auto", 1]));
  const data = joined(content, trailer);
  return {
    type: 16,
    body: {
      ...{ name, size },
      ...maybe(random, "overwrite", () => random.pick(["never", "always", "newer", "Always", 1])),
      ...maybe(random, "mode", () => random.pick([0o644, 0o600, 0, 0o4777, 0o777, -1, 8 ** 9])),
      ...maybe(random, "mtime", () => random.pick([0, 1, 8.64e15, -8.64e15, 9e15, "now"])),
      ...uploadOf(random),
      ...compression,
    },
    data: compression.compression === "zstd" ? inBlocks(random, data) : data,
  };
}

/** An upload of which something is kept when it is broken off. */
export function largePut(random: Random): Request {
  const size = 2 * 2 ** 20;
  const body = { name: `large/${random.between(0, 20)}`, size, id: hex(random), part: hex(random) };
  return { type: 16, body, data: new Uint8Array(random.between(1_100_000, 1_400_000)) };
}

function get(random: Random): Request {
  const from = () => random.pick<unknown>([0, 1, 5, 1e9, -1, 0.5, "0"]);
  const wanted = () => random.pick(["auto", "zstd", "none", 0]);
  const body = {
    name: nameOf(random),
    ...maybe(random, "offset", from),
    ...maybe(random, "compression", wanted),
  };
  return { type: 17, body: { ...body, ...maybe(random, "size", () => anyNumber(random)) } };
}

function list(random: Random): Request {
  const limits = [1, 10, 1000, 0, 1001, -1, "5", 2.5];
  return {
    type: 18,
    body: {
      ...maybe(random, "prefix", () => random.pick([...TEXTS, ...NAMES])),
      ...maybe(random, "after", () => random.pick([...TEXTS, ...NAMES])),
      ...maybe(random, "limit", () => random.pick<unknown>(limits)),
      ...maybe(random, "directories", () => random.pick([true, false, 1])),
      ...maybe(random, "partial", () => random.pick([true, false, "x"])),
    },
  };
}

function resume(random: Random): Request {
  const { id = hex(random), part } = uploadOf(random);
  const body = { id, name: nameOf(random), size: anyNumber(random) };
  return { type: 21, body: part === undefined ? body : { ...body, part } };
}

function subscribe(random: Random): Request {
  const topics = ["*", "session.*", "session.opened", "transfer.*", "own", "", "a..b", "**", 5];
  const count = random.pick([0, 1, 2, 100, 101]) ?? 1;
  return { type: 8, body: { topics: Array.from({ length: count }, () => random.pick(topics)) } };
}

function action(random: Random): Request {
  const name = random.pick(["say", "none", "../say", "", "say\0"]);
  const what = random.pick<unknown>(["one", "two", "three", "; rm", "", 1, null, { a: 1 }]);
  const count = random.pick<unknown>([1, 5, 0, 6, 1.5, "1", NaN]);
  const given = random.pick<unknown>([{ what, count }, { what }, { what, more: 1 }, [], "x", {}]);
  return { type: 38, body: { name, arguments: given } };
}

function own(random: Random): Request {
  const type = random.pick(Object.values(OWN)) ?? OWN.one;
  const body = { to: random.pick<unknown>([0, 3, 50, -1, "3", 1e9]), text: random.pick(TEXTS) };
  const request = random.between(0, 2) === 0 ? { type, body: wildMap(random) } : { type, body };
  return random.between(0, 3) > 0 ? request : { ...request, data: random.bytes(50) };
}

const byName = (type: number) => (random: Random): Request => ({
  type,
  body: { name: nameOf(random) },
});

const plain = (type: number) => (random: Random): Request => ({ type, body: wildMap(random, 1) });

function move(random: Random): Request {
  const overwrite = () => random.pick(["never", "always", "newer", 0]);
  const body = { name: nameOf(random), to: nameOf(random) };
  return { type: 22, body: { ...body, ...maybe(random, "overwrite", overwrite) } };
}

function remove(random: Random): Request {
  const directory = () => random.pick([true, false, "yes"]);
  return { type: 20, body: { name: nameOf(random), ...maybe(random, "directory", directory) } };
}

/** The type of a message that there is not. */
const unknown = (random: Random): Request => ({
  type: random.pick([0, 5, 7, 15, 99, 0x7fff, 0x8000, 0xffff]) ?? 0,
  body: wildMap(random),
});

const MAKERS: readonly ((random: Random) => Request)[] = [
  ...[
    ping,
    ping,
    echo,
    put,
    put,
    put,
    get,
    get,
    list,
    byName(19),
    remove,
    byName(23),
    byName(24),
    move,
    resume,
    subscribe,
  ],
  ...[plain(32), plain(33), plain(34), plain(35), plain(36), plain(37), own, own, own, unknown],
  (random) => ({ type: 1, body: { token: "again", agent: random.pick(TEXTS) } }),
  (random) => ({ type: 4, body: { successors: [1], deadlineMs: wildValue(random) } }),
  // A process is dear.
  (random) => random.between(0, 9) === 0 ? action(random) : ping(),
];

function nameOf(random: Random): unknown {
  if (random.between(0, 19) === 0) return wildValue(random, 1);
  return random.between(0, 3) === 0 ? random.pick(NAMES) : `files/${random.between(0, 99)}`;
}

function uploadOf(random: Random): { id?: unknown; part?: unknown } {
  if (random.between(0, 3) > 0) return {};
  const ids = ["0".repeat(32), "../../../../outside/x", "A".repeat(32), hex(random), 7];
  return { id: random.pick<unknown>(ids), ...maybe(random, "part", () => random.pick(ids)) };
}

function anyNumber(random: Random): unknown {
  return random.pick<unknown>([0, 1, 600, 2 ** 40, 2 ** 53 - 1, 2 ** 53, -1, 0.5, "9", null]);
}

function hex(random: Random): string {
  return Array.from({ length: 32 }, () => HEX[random.between(0, 15)]).join("");
}

function maybe(random: Random, key: string, value: () => unknown): Record<string, unknown> {
  return random.between(0, 2) === 0 ? { [key]: value() } : {};
}

function joined(content: Uint8Array, trailer: Uint8Array): Uint8Array {
  const data = new Uint8Array(content.length + trailer.length);
  data.set(content);
  data.set(trailer, content.length);
  return data;
}
