import { createHash, hash, randomBytes } from "node:crypto";
import type { FilePutRequest } from "../../../../protocol/mod.ts";
import type { FileStorage, TargetRequest } from "../../../../transfer/mod.ts";
import type { ListReader } from "../../../../transfer/storage/listings.ts";

/** A storage that is held against the contract, as two processes have it that share it. */
export interface Subject extends AsyncDisposable {
  readonly files: FileStorage;
  readonly others: FileStorage;
  /** What is left of files on their way, whatever that is called; nothing, when none is. */
  leftovers(): Promise<string[]>;
}

/** What a kind of storage need not do as others do. */
export interface Traits {
  /** Names that differ in case only are the same. */
  readonly foldsCase?: boolean;
  /** Names that differ only in how characters are composed are the same. */
  readonly foldsForms?: boolean;
  /** Nothing is kept of an upload that was interrupted. */
  readonly forgets?: boolean;
  /** What a file's SHA-256 was when it was stored is not known later. */
  readonly notesNothing?: boolean;
  /** Who may execute a file is not kept. */
  readonly hasNoModes?: boolean;
  /** Times are kept to so many milliseconds; to one by default. */
  readonly timeStepMs?: number;
}

export const MIB = 1024 * 1024;

export function random(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length));
}

export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

/** What a client names an upload by. */
export function newId(): string {
  return random(16).toHex();
}

/** The ways to store a file; what they differ in is nothing that who stores it sees. */
export const WAYS = ["sized", "resumable", "streamed", "now"] as const;
export type Way = typeof WAYS[number];

export type PutOptions = Partial<Omit<FilePutRequest, "name" | "size">>;

/** Stores a file, by the steps in which handlers do it. */
export async function put(
  files: FileStorage,
  name: string,
  bytes: Uint8Array,
  options: PutOptions = {},
  way: Way = "sized",
): Promise<string> {
  const request = { name, size: bytes.length, ...options };
  if (way === "now") {
    const content = new Uint8Array([...bytes, ...createHash("sha256").update(bytes).digest()]);
    const stored = files.storeNow(request, content);
    if (stored !== undefined) return stored;
  }
  using target = files.target(name);
  const { size: _size, ...streamed } = request;
  const asked: TargetRequest = way === "streamed"
    ? streamed
    : way === "resumable"
    ? { id: newId(), ...request }
    : request;
  const earlier = await target.find(asked);
  if (earlier !== undefined) return earlier;
  await using incoming = await target.begin(asked);
  using room = await incoming.reserve();
  await write(incoming.file, bytes.subarray(incoming.start?.offset ?? 0));
  await room.progress(bytes.length);
  try {
    await incoming.publish(sha256(bytes));
  } catch (error) {
    await incoming.dropAfter(error);
    throw error;
  }
  return sha256(bytes);
}

export async function write(
  file: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** All bytes of a stored file. */
export async function get(files: FileStorage, name: string): Promise<Uint8Array> {
  const { file, info } = await files.open(name);
  using _file = file;
  const bytes = new Uint8Array(info.size + 1);
  let filled = 0;
  for (;;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) return bytes.subarray(0, filled);
    filled += count;
  }
}

const READER: ListReader = { id: "contract", over: new Promise(() => {}) };

/** The names of all files, page by page. */
export async function list(
  files: FileStorage,
  options: { prefix?: string; limit?: number; directories?: "empty" | "closed" } = {},
): Promise<string[]> {
  const names: string[] = [];
  const { signal } = new AbortController();
  let after: string | undefined;
  for (;;) {
    const request = after === undefined ? options : { ...options, after };
    const page = await files.list(request, READER, signal);
    names.push(
      ...page.entries.map(({ name, directory }) => directory === true ? `${name}/` : name),
    );
    if (page.next === undefined) return names;
    after = page.next;
  }
}
