import { join } from "node:path";
import { ROOT } from "../docs/markdown.ts";
import { typeScriptIn } from "../docs/source_files.ts";

/** The folders whose code speaks to users. */
const FOLDERS = [
  ...["base", "cli", "client", "ffi", "handlers", "ipc", "log", "manager", "protocol", "transfer"],
  "worker",
];

/** A file of the product. */
export interface SourceFile {
  /** From the project's folder on. */
  readonly path: string;
  readonly text: string;
}

/** All code that speaks to users. */
export function sourceFiles(): SourceFile[] {
  return FOLDERS.flatMap((folder) => typeScriptIn(folder)).map((path) => ({
    path,
    text: Deno.readTextFileSync(join(ROOT, path)),
  }));
}

/** A text that is written in the code as a message. */
export interface WrittenText {
  readonly path: string;
  /** What it is given to: a class of errors, or a method like `logger.error`. */
  readonly to: string;
  /** With `${…}` where something is put in. */
  readonly text: string;
}

const CALL = /(?:new (\w*Error)|\b(logger\.(?:info|warning|error|fatal))|\.(note))\(/g;

/** The texts that code gives to errors, to the log, or to standard error. */
export function textsIn({ path, text }: SourceFile): WrittenText[] {
  const texts: WrittenText[] = [];
  for (const match of text.matchAll(CALL)) {
    const to = match[1] ?? match[2] ?? match[3] ?? "";
    for (const literal of literalsAt(text, match.index + match[0].length)) {
      // A word alone is a code or a name.
      if (/\s/.test(literal)) texts.push({ path, to, text: literal });
    }
  }
  return texts;
}

/** What constructors of errors make their messages of. */
export function ownTextsIn({ path, text }: SourceFile): WrittenText[] {
  return Array.from(text.matchAll(/\bsuper\(/g)).flatMap((match) => {
    const classes = Array.from(
      text.slice(0, match.index).matchAll(/^(?:export )?class (\w+)\s+extends \w*Error(?:Of<| )/gm),
    );
    const to = classes.at(-1)?.[1];
    if (to === undefined) return [];
    return literalsAt(text, match.index + match[0].length)
      .filter((literal) => /\s/.test(literal)).map((literal) => ({ path, to, text: literal }));
  });
}

/** The first arguments of calls of a function that are texts. */
export function argumentsOf(name: string, { text }: SourceFile): string[] {
  return Array.from(text.matchAll(new RegExp(`\\b${name}\\(`, "g"))).flatMap((match) => {
    const start = match.index + match[0].length;
    return /^\s*["'`]/.test(text.slice(start)) ? literalsAt(text, start).slice(0, 1) : [];
  });
}

/**
 * The literals among the arguments of a call, those that are added up as one.
 *
 * @param start Where the arguments begin.
 */
export function literalsAt(source: string, start: number): string[] {
  const found: string[] = [];
  let depth = 1;
  let joins = false;
  for (let at = start; at < source.length && depth > 0;) {
    const char = source.charAt(at);
    if (char === '"' || char === "'" || char === "`") {
      const { value, end } = literalAt(source, at);
      if (depth === 1) {
        if (joins) found.push((found.pop() ?? "") + value);
        else found.push(value);
      }
      at = end;
      joins = depth === 1 && /^\s*\+/.test(source.slice(at));
      continue;
    }
    if (source.startsWith("//", at)) {
      at = source.indexOf("\n", at);
      continue;
    }
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    if (char !== "+" && !/\s/.test(char)) joins = false;
    at++;
  }
  return found;
}

/** One literal: its value, with `${…}` for what is put in, and where it ends. */
function literalAt(source: string, start: number): { value: string; end: number } {
  const quote = source.charAt(start);
  let value = "";
  for (let at = start + 1; at < source.length;) {
    const char = source.charAt(at);
    if (char === quote) return { value, end: at + 1 };
    if (char === "\\") {
      value += source.charAt(at + 1) === "n" ? "\n" : source.charAt(at + 1);
      at += 2;
    } else if (quote === "`" && source.startsWith("${", at)) {
      const end = placeholderEnd(source, at + 2);
      value += "${…}";
      at = end;
    } else {
      value += char;
      at++;
    }
  }
  throw new Error(`A literal does not end: ${source.slice(start, start + 50)}`);
}

function placeholderEnd(source: string, start: number): number {
  let depth = 1;
  for (let at = start; at < source.length;) {
    const char = source.charAt(at);
    if (char === '"' || char === "'" || char === "`") {
      at = literalAt(source, at).end;
      continue;
    }
    if (char === "{") depth++;
    if (char === "}" && --depth === 0) return at + 1;
    at++;
  }
  throw new Error("A placeholder does not end");
}
