import {
  decodeFileName,
  decodeSegment,
  encodeFileName,
  encodeSegment,
  InvalidNameError,
  isFileName,
  isNameSegment,
  MAX_SEGMENT_LENGTH,
} from "../../client/mod.ts";

/** How names here and names on a server belong together. */
export interface NameMapping {
  /** Whether they differ at all. */
  readonly encodes: boolean;
  /**
   * The name on a server of what is called so here; segments with `/` between.
   *
   * @param whole Whether it is all of the server's name, as by default, or what is below a directory there.
   */
  toServer(name: string, whole?: boolean): string;
  /** What a server's name is called here. */
  toLocal(name: string, whole?: boolean): string;
  /**
   * The same of an entry of a directory.
   *
   * @param first Whether it is the first segment of a server's name.
   */
  entryToServer(entry: string, first: boolean): string;
  entryToLocal(entry: string, first: boolean): string;
  /** The name on a server that somebody means who types it as it is there, or as it is here. */
  typed(name: string): string;
  /** What a server's name stands for, if the disk here cannot have that; else `undefined`. */
  impossible(name: string): string | undefined;
}

const utf8 = new TextEncoder();
const same = (name: string) => name;

/** Names are what they are. */
export const PLAIN_NAMES: NameMapping = {
  encodes: false,
  toServer: same,
  toLocal: same,
  entryToServer: same,
  entryToLocal: same,
  typed: same,
  impossible: () => undefined,
};

/** What no file of Windows can, or should, be called: some characters, and a dot or a space at the end. */
const NOT_ON_WINDOWS = /[\p{Cc}<>:"|?*\\]|[. ]$/u;

/** And the words that mean devices there. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/**
 * How names belong together.
 *
 * @param encodes Whether those that a server does not take are spelled so that it does.
 * @param windows Whether the disk here is one of Windows, which cannot have most of them either: there they
 * stay as they are on the server.
 */
export function nameMapping(encodes: boolean, windows = Deno.build.os === "windows"): NameMapping {
  if (!encodes) return PLAIN_NAMES;
  const isHere = (segment: string, first: boolean) =>
    isNameSegment(segment, first) && toLocal(segment, first) === segment;
  function toLocal(segment: string, first: boolean): string {
    const decoded = decodeSegment(segment, first);
    if (decoded === segment || !windows) return decoded;
    // What stays encoded has that name here, which nothing else can have then.
    return mayBeOnWindows(decoded) && !isHere(decoded, first) ? decoded : segment;
  }
  function toServer(segment: string, first: boolean): string {
    return windows && isHere(segment, first) ? segment : encodeSegment(segment, first);
  }
  const each = (map: (segment: string, first: boolean) => string) => (name: string, whole = true) =>
    name.split("/").map((segment, index) => map(segment, whole && index === 0)).join("/");
  const nameToLocal = each(toLocal);
  return {
    encodes,
    toServer: each(toServer),
    toLocal: nameToLocal,
    entryToServer: toServer,
    entryToLocal: toLocal,
    typed: (name) => isFileName(name.replace(/\/$/, "")) ? name : encodeFileName(name),
    impossible(name) {
      const decoded = decodeFileName(name);
      return decoded === nameToLocal(name) ? undefined : decoded;
    },
  };
}

/** What is wrong with a server's name if it is too long only for being encoded. */
export function encodedTooLong(name: string): InvalidNameError | undefined {
  for (const segment of name.split("/")) {
    const { length } = utf8.encode(segment);
    const plain = decodeSegment(segment, false);
    if (length <= MAX_SEGMENT_LENGTH || plain === segment) continue;
    return new InvalidNameError(
      `Cannot use ${
        JSON.stringify(plain)
      } as a file name: encoded, as it has to be, it has ${length} bytes, ` +
        `and ${MAX_SEGMENT_LENGTH} are the most; give it a shorter one`,
    );
  }
}

function mayBeOnWindows(segment: string): boolean {
  return !NOT_ON_WINDOWS.test(segment) && !WINDOWS_DEVICE.test(segment);
}
