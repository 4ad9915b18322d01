import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../docs/markdown.ts";
import { type SourceFile, sourceFiles } from "./source.ts";

/** A class of errors, as its module exports it. */
export interface ErrorClass {
  readonly name: string;
  readonly path: string;
  // deno-lint-ignore no-explicit-any -- each has a constructor of its own
  readonly constructor: new (...args: any[]) => Error;
}

const DECLARATION = /^(?:export )?class (\w+)\s+extends \w*Error(?:Of<|\b)/gm;

/** Every class of errors in the code, and those among them that its modules do not export. */
export async function findErrorClasses(): Promise<{ found: ErrorClass[]; hidden: string[] }> {
  const found: ErrorClass[] = [];
  const hidden: string[] = [];
  for (const file of sourceFiles()) {
    const names = Array.from(file.text.matchAll(DECLARATION), ([, name = ""]) => name);
    if (names.length === 0) continue;
    const exported = await exportsOf(file);
    for (const name of names) {
      const constructor = exported[name];
      if (isErrorClass(constructor)) found.push({ name, path: file.path, constructor });
      else hidden.push(`${file.path}: ${name}`);
    }
  }
  return { found, hidden };
}

function exportsOf({ path }: SourceFile): Promise<Record<string, unknown>> {
  return import(pathToFileURL(join(ROOT, path)).href);
}

function isErrorClass(value: unknown): value is ErrorClass["constructor"] {
  return typeof value === "function" && value.prototype instanceof Error;
}
