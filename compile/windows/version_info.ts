import { concat } from "../../base/mod.ts";
import { alignUp } from "./pe.ts";

const SIGNATURE = 0xfeef04bd;
const STRUCTURE_VERSION = 0x1_0000;
const OS_WINDOWS_32 = 0x4_0004;
const FILE_TYPE_APPLICATION = 1;
/** US English in UTF-16: what programs look for first. */
const LANGUAGE = 0x0409;
const CODE_PAGE = 1200;
const FIXED_INFO_BYTES = 52;

/** What Windows shows among the properties of a file. */
export interface VersionInfo {
  /** As in `1.2.3`. */
  readonly version: string;
  readonly strings: Readonly<Record<string, string>>;
}

/** Encodes a version resource (Windows' `VS_VERSIONINFO`). */
export function encodeVersionInfo({ version, strings }: VersionInfo): Uint8Array {
  const table = node(
    hex4(LANGUAGE) + hex4(CODE_PAGE),
    Object.entries(strings).map(([key, value]) => textNode(key, value)),
  );
  const translation = new Uint8Array(new Uint16Array([LANGUAGE, CODE_PAGE]).buffer);
  return node("VS_VERSION_INFO", [
    node("StringFileInfo", [table]),
    node("VarFileInfo", [node("Translation", [], translation)]),
  ], fixedInfo(version));
}

/** `VS_FIXEDFILEINFO` */
function fixedInfo(version: string): Uint8Array {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map((part) => Number(part) || 0);
  const [high, low] = [major * 0x1_0000 + minor, patch * 0x1_0000];
  const view = new DataView(new ArrayBuffer(FIXED_INFO_BYTES));
  const fields = [SIGNATURE, STRUCTURE_VERSION, high, low, high, low, 0x3f, 0, OS_WINDOWS_32];
  for (const [index, field] of [...fields, FILE_TYPE_APPLICATION].entries()) {
    view.setUint32(index * 4, field, true);
  }
  return new Uint8Array(view.buffer);
}

function textNode(key: string, text: string): Uint8Array {
  return node(key, [], utf16(text), "text");
}

/** The structure that all of it is made of: length, length of the value, kind, key, value, children. */
function node(
  key: string,
  children: readonly Uint8Array[],
  value: Uint8Array = new Uint8Array(),
  kind: "binary" | "text" = "binary",
): Uint8Array {
  const head = pad(concat([new Uint8Array(6), utf16(key)]));
  const body = concat(children.map(pad));
  const whole = concat([head, children.length > 0 ? pad(value) : value, body]);
  const view = new DataView(whole.buffer);
  view.setUint16(0, whole.length, true);
  view.setUint16(2, kind === "text" ? value.length / 2 : value.length, true);
  view.setUint16(4, kind === "text" ? 1 : 0, true);
  return whole;
}

function pad(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array(alignUp(bytes.length, 4) - bytes.length)]);
}

/** With a zero at the end. */
function utf16(text: string): Uint8Array {
  const units = Uint16Array.from(`${text}\0`, (_, index) => `${text}\0`.charCodeAt(index));
  return new Uint8Array(units.buffer);
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}
