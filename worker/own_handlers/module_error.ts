import { fileURLToPath, pathToFileURL } from "node:url";
import { CodedError } from "../../base/mod.ts";
import { HandlerConflictError } from "../../handlers/messages/mod.ts";

/** What is wrong with a module of handlers, and where. */
export interface ModuleFault {
  readonly reason: string;
  /** Absolute path of the file that it is in, if that is known and is another one. */
  readonly file?: string;
  /** From 1, if it is known. */
  readonly line?: number;
}

/** A module of handlers cannot be loaded, or has not what it should. */
export class HandlerModuleError extends CodedError {
  readonly code = "unusable-handlers";

  /** @param path The module that the configuration names. */
  constructor(path: string, fault: ModuleFault) {
    super(`Cannot load handlers from ${placed(path, fault)}`);
  }
}

/** A module with a task cannot be loaded, or has not what it should. */
export class TaskModuleError extends CodedError {
  readonly code = "unusable-task";

  /** @param path The module that the configuration names. */
  constructor(path: string, fault: ModuleFault) {
    super(`Cannot load the task of ${placed(path, fault)}`);
  }
}

/** A module that says what counts as load cannot be loaded, or has not what it should. */
export class SpreadModuleError extends CodedError {
  readonly code = "unusable-spread";

  /** @param path The module that the configuration names. */
  constructor(path: string, fault: ModuleFault) {
    super(`Cannot load the measure of load from ${placed(path, fault)}`);
  }
}

function placed(path: string, { reason, file, line }: ModuleFault): string {
  const at = line === undefined ? "" : `, line ${line}`;
  const place = file === undefined ? `"${path}"${at}` : `"${path}": "${file}"${at}`;
  return `${place}: ${reason}`;
}

/** What Deno says before what it is about, by the version. */
const PREAMBLE = /^(?:(?:SyntaxError|TypeError): |The module's source code could not be parsed: )+/;

/** A file and a line, as Deno and V8 name them. */
const PLACE = /(file:\/\/[^\s:"')]+(?::\/[^\s:"')]+)?):(\d+):\d+/;

/** Says of an error that came up while a module was loaded what it means for the module. */
export function faultOf(error: unknown, path: string): ModuleFault {
  if (!(error instanceof Error)) return { reason: `it has thrown ${String(error)}` };
  // deno-lint-ignore no-control-regex -- messages of Deno have colours
  const message = error.message.replaceAll(/\x1b\[[\d;]*m/g, "");
  const place = placeIn(message) ?? placeIn(frameOf(error.stack ?? "", path));
  return { reason: reasonOf(message, error, path), ...fileAndLine(place, path) };
}

/** Where something was defined, by the stack of then: of whoever has called what took it. */
export function definitionPlace(stack: string): { file: string; line: number } | undefined {
  const [, , caller = ""] = stack.split("\n");
  const place = placeIn(caller);
  return place === undefined ? undefined : { file: fileURLToPath(place.url), line: place.line };
}

/** The line of a stack that is in the module; the lines above it are those of what the module calls. */
function frameOf(stack: string, path: string): string {
  if (path === "") return "";
  const { href } = pathToFileURL(path);
  return stack.split("\n").find((line) => line.includes(`${href}:`)) ?? "";
}

interface Place {
  readonly url: string;
  readonly line: number;
}

function placeIn(text: string): Place | undefined {
  const [, url, line] = PLACE.exec(text) ?? [];
  return url === undefined ? undefined : { url, line: Number(line) };
}

function fileAndLine(place: Place | undefined, path: string): Omit<ModuleFault, "reason"> {
  if (place === undefined) return {};
  const { url, line } = place;
  return url === pathToFileURL(path).href ? { line } : { file: fileURLToPath(url), line };
}

function reasonOf(message: string, error: Error, path: string): string {
  const missing = /^Module not found:? "?(file:\/\/[^"\s]+?)"?\.?(?:\s|$)/.exec(message)?.[1];
  if (missing !== undefined) {
    const file = fileURLToPath(missing);
    return file === path
      ? "there is no such file"
      : `it imports "${file}", and there is no such file`;
  }
  const named = /^Import "([^"]+)" not a dependency/.exec(message)?.[1] ??
    /^Could not find constraint '([^']+)'/.exec(message)?.[1];
  if (named !== undefined) {
    return `it imports "${named}", which is not here; what msquicd has is given to the function that a module exports`;
  }
  const [first = ""] = message.split("\n");
  const said = first.replace(PREAMBLE, "").replace(/ at file:\S+$/, "");
  if (error instanceof HandlerConflictError) return said.replace(/^C/, "c");
  if (isSyntax(message, error) && Deno.build.standalone && /\.[cm]?tsx?$/.test(path)) {
    return `${said}; this executable takes JavaScript only: make that with deno bundle`;
  }
  return said;
}

function isSyntax(message: string, error: Error): boolean {
  return error.name === "SyntaxError" || /^SyntaxError|could not be parsed/.test(message);
}
